// What benchmarks/board.py runs inside the page: one object of functions.
({
  /** Note the time of every frame from now on. */
  frames() {
    window.frames_ms = [];
    let last = performance.now();
    const tick = (now) => {
      window.frames_ms.push(now - last);
      last = now;
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  },

  async post(path, body) {
    const token = document.querySelector("meta[name=csrf-token]").content;
    const headers = { "Content-Type": "application/json", "X-CSRFToken": token };
    const answer = await fetch(`/api/v1${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    return answer.json();
  },

  /** Jobs taken to other crews: from asking to the answer that the drag shows, ms. */
  async drags(count) {
    const board = await (await fetch("/api/v1/board")).json();
    const busy = board.crews.filter((crew) => crew.stops.length);
    const routes = () => Object.fromEntries(busy.map((crew) => [crew.id, crew.stops.map((stop) => stop.job)]));
    const times = [];
    for (let i = 0; i < count; i++) {
      const moved = routes();
      const job = moved[busy[i % busy.length].id].pop();
      moved[busy[(i + 1) % busy.length].id].splice(1, 0, job);
      const begun = performance.now();
      await this.post("/plans/try", { routes: moved });
      times.push(performance.now() - begun);
    }
    return times;
  },

  /** Log a request; returns when it was sent. */
  async send(words, lon = -71.25, lat = -29.91) {
    const at = performance.timeOrigin + performance.now();
    await this.post("/requests", { words, lon, lat });
    return at;
  },

  /** Send the first crew that was offered for the danger on the strip; returns when. */
  divert() {
    const at = performance.timeOrigin + performance.now();
    document.querySelector("#strip .urgent .divert").click();
    return at;
  },

  /** Note when a part of the strip is gone. */
  watchGone(selector) {
    window.seen = new Promise((resolve) => {
      new MutationObserver(() => {
        if (!document.querySelector(`#strip ${selector}`)) resolve(performance.timeOrigin + performance.now());
      }).observe(document.getElementById("strip"), { childList: true, subtree: true });
    });
  },

  /** Note when a part of the strip says something else. */
  watch(selector) {
    const said = () => document.querySelector(selector)?.textContent;
    const before = said();
    window.seen = new Promise((resolve) => {
      new MutationObserver(() => {
        const now = said();
        if (now && now !== before) resolve(performance.timeOrigin + performance.now());
      }).observe(document.getElementById("strip"), { childList: true, subtree: true, characterData: true });
    });
  },
});
