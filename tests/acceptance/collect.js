// What a page offers now: each control by where it stands and what it does, and how to use it.
() => {
  const CONTROLS =
    "a[href], button, input:not([type=hidden]), select, textarea, summary, [role=checkbox], [tabindex='0'][role]";
  const ALIKE = ".choices, [data-kind], #news, [role=listbox], tbody, ol, ul";
  const NEAR = "[id], section[class], nav[class], aside, header[class], footer, details[class]";
  // Classes that say how a control stands now.
  const PASSING = /^(on|off|shown|here|current|open|chosen|late|wrong|cut|some|unread|held|ended|[sn]-.*|P[1-9])$/;
  // A word with a digit is a number or a name: of a crew, an order, a request.
  const general = (text) => (text || "").replace(/[^\s/?&=]*[0-9][^\s/?&=]*/g, "#");
  const way = (href) => {
    if (href.startsWith("#")) return "#";
    const url = new URL(href, location);
    if (url.origin !== location.origin) return `${url.protocol}`;
    const asked = [...new Set(url.searchParams.keys())].sort().join("&");
    const here = url.hash && url.pathname === location.pathname ? "#" : "";
    return general(decodeURIComponent(url.pathname)) + (asked ? `?${asked}` : "") + here;
  };
  const inside = (e, alike) => {
    const dialog = e.closest("dialog");
    const form = e.closest("form[action]");
    const near = e.parentElement.closest(NEAR);
    const action = form && (e.hasAttribute("formaction") ? e.formAction : form.getAttribute("action"));
    return [
      dialog && `dialog ${general(dialog.id || dialog.className)}`,
      form && `form ${way(action)}`,
      near && near !== dialog && general(near.id || near.className || near.tagName.toLowerCase()),
      alike && "alike",
    ]
      .filter(Boolean)
      .join(" · ");
  };
  const words = (e) =>
    general((e.getAttribute("aria-label") || e.innerText || e.title || "").trim())
      .replace(/\s+/g, " ")
      .slice(0, 90);
  const facts = (e, tag, alike) => {
    const data = [...e.attributes]
      .filter((each) => each.name.startsWith("data-") && each.name !== "data-walk")
      .map((each) => (alike ? each.name : `${each.name}=${general(each.value)}`));
    const value = tag === "button" && e.value && !alike ? `=${general(e.value)}` : "";
    const known = [e.id && `#${general(e.id)}`, e.name && `@${e.name}`, value, ...data].filter(Boolean);
    const styles = [...e.classList].filter((each) => !PASSING.test(each));
    const style = styles.length ? `.${general(styles.join("."))}` : "";
    // By its words only what has nothing else, and a list of alike rows by what one row is.
    const plain = known.length ? [] : [style, alike ? "" : `‹${words(e)}›`];
    const armed = e.classList.contains("armed") ? "armed" : "";
    return [...known, ...plain, armed].filter(Boolean).join(" ");
  };
  const kindOf = (e, tag) => {
    if (tag === "input") return `input ${e.type}`;
    return e.role && tag !== "a" && tag !== "button" ? e.role : tag;
  };
  // What is armed is meant at once, and what news have brought may be gone at the next look; then fields, what
  // opens things, links, and last what sends or ends.
  const rankOf = (e, kind) => {
    if (e.classList.contains("armed") || e.closest("#strip")) return 0;
    if (/input|select|textarea|checkbox/.test(kind)) return 1;
    if (kind === "a") return 3;
    return kind === "button" && e.type === "submit" && e.form ? 4 : 2;
  };
  // What is open lies over everything else.
  const last = (which) => [...document.querySelectorAll(which)].pop();
  const top = last("dialog:modal") || last("dialog[open]");
  document.querySelectorAll("[data-walk]").forEach((e) => delete e.dataset.walk);
  const found = [];
  (top || document).querySelectorAll(CONTROLS).forEach((e) => {
    if (!e.checkVisibility({ visibilityProperty: true }) || e.closest("[inert]")) return;
    const tag = e.tagName.toLowerCase();
    const kind = kindOf(e, tag);
    const alike = e.closest(ALIKE);
    const href = tag === "a" ? e.getAttribute("href") : null;
    e.dataset.walk = String(found.length);
    found.push({
      at: found.length,
      kind,
      shell: Boolean(e.closest("header.top, .skip, #keys")),
      sign: `${kind} ${href === null ? facts(e, tag, alike) : way(href)} | ${inside(e, alike)}`,
      rank: rankOf(e, kind),
      off: Boolean(e.disabled) || e.getAttribute("aria-disabled") === "true",
      href,
      type: e.type || "",
      value: e.value || "",
      min: e.min || "",
      file: e.accept || "",
    });
  });
  return { path: location.pathname, found };
};
