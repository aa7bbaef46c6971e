// What the type checker cannot know of our pages: which kind of element an id or a selector finds.
// Everything else is checked: names, imports, numbers of arguments, what a function gives back.
declare const L: any;

interface Document {
  readonly activeElement: any;
  getElementById(id: string): any;
}
interface ParentNode {
  querySelector(selectors: string): any;
  querySelectorAll(selectors: string): NodeListOf<any>;
}
interface Element {
  closest(selectors: string): any;
}
interface Event {
  readonly target: any;
  readonly currentTarget: any;
}
interface Window {
  // Where the marks on the map stand, for the tests in a browser.
  gridcrewMarks(): any;
  gridcrewVehicles(): any;
}
