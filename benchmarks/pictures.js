// What a program can see wrong on a page: wider than the window, cut, raw, or in the other language.
(language) => {
  const seen = (e) => {
    const box = e.getBoundingClientRect();
    return box.width > 6 && box.height > 6 && e.checkVisibility({ visibilityProperty: true }) && box.left < innerWidth;
  };
  const root = document.documentElement;
  const found = [];
  if (root.scrollWidth > root.clientWidth + 1) found.push(`wider than the window: ${root.scrollWidth} px`);
  const scrolls = (e) => {
    for (let p = e.parentElement; p && p !== document.body; p = p.parentElement)
      if (/auto|scroll/.test(getComputedStyle(p).overflow)) return true;
    return false;
  };
  for (const e of document.body.querySelectorAll("*")) {
    if (e.closest("svg, canvas, [hidden]") || !seen(e)) continue;
    const style = getComputedStyle(e);
    if (!/hidden|clip/.test(style.overflowX) || style.clipPath !== "none" || style.position === "absolute") continue;
    if (e.clientWidth < 12 || e.scrollWidth <= e.clientWidth + 1 || scrolls(e)) continue;
    const text = e.innerText.trim();
    if (text && !e.closest("[title]")?.title.includes(text.split("\n")[0]))
      found.push(`cut: “${text.slice(0, 60)}” shows ${e.clientWidth} of ${e.scrollWidth} px`);
  }
  const raw = [
    [/^[a-z]+(_[a-z]+)*(\.[a-z0-9_]+)+$/, "a key"],
    [/\b(None|undefined|NaN|null|\[object \w+\]|Infinity)\b/, "a program's word"],
    [/\b\d{4}-\d\d-\d\dT\d\d:\d\d/, "a program's time"],
    [/\d\.\d{5,}/, "too many decimals"],
    [/\b[a-z]+_[a-z]+\b/, "a program's name"],
    [/\{[a-z_]+\}/, "a place that was not filled"],
  ];
  const own = "script, style, code, pre, textarea, option, [lang], q, .dim.source, .leaflet-control, td.words";
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let other = 0;
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement;
    const text = walk.currentNode.textContent.trim();
    if (!text || e.closest(own) || !seen(e)) continue;
    for (const [shape, what] of raw)
      if (shape.test(text) && !/\.(csv|gz|xlsx|json|yaml|pdf|gpx|ics|html)$/.test(text))
        found.push(`${what}: “${text.slice(0, 80)}”`);
    const words = text.match(/[A-Za-z]{3,}/g) ?? [];
    if (language === "zh-CN" && words.length >= 4 && !/[\u4e00-\u9fff]/.test(text) && (other += 1) <= 8)
      found.push(`English: “${text.slice(0, 80)}”`);
    if (language === "en" && /[\u4e00-\u9fff]{2}/.test(text) && (other += 1) <= 4)
      found.push(`Chinese: “${text.slice(0, 60)}”`);
  }
  const main = document.querySelector("main");
  if (main && main.innerText.trim().length < 20) found.push("an empty page");
  for (const body of document.querySelectorAll("main tbody"))
    if (!body.children.length && body.checkVisibility()) found.push(`an empty table without a sentence: ${body.id}`);
  return [...new Set(found)];
};
