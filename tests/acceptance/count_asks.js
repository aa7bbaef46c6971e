// How many answers a page still waits for, so that a walk can wait with it; and no printing.
(() => {
  window.walkAsks = 0;
  const ask = window.fetch;
  window.fetch = (...all) => {
    window.walkAsks += 1;
    return ask(...all).finally(() => (window.walkAsks -= 1));
  };
  window.print = () => {};
})();
