// As much of a document as the island's own DOM parts need: elements with attributes, children and listeners.
class Element {
  attributes = {};
  children = [];
  dataset = {};
  heard = {};
  parent = null;
  hovered = false;
  constructor(tag) {
    this.tag = tag;
  }
  get textContent() {
    return this.children.map((one) => one.textContent ?? String(one)).join("");
  }
  get firstChild() {
    return this.children[0] ?? null;
  }
  setAttribute(name, value) {
    this.attributes[name] = String(value);
  }
  append(...kids) {
    for (const kid of kids) {
      if (kid instanceof Element) kid.parent = this;
      this.children.push(kid);
    }
  }
  appendChild(kid) {
    this.append(kid);
    return kid;
  }
  remove() {
    if (this.parent) this.parent.children = this.parent.children.filter((one) => one !== this);
    this.parent = null;
  }
  addEventListener(kind, hear) {
    (this.heard[kind] ??= []).push(hear);
  }
  happens(kind) {
    for (const hear of this.heard[kind] ?? []) hear({ currentTarget: this, target: this });
  }
  /** Only what the island asks: is the pointer or the focus in it. */
  matches() {
    return this.hovered;
  }
  /** Only what the island asks: the first child that is not sticky. */
  querySelector() {
    return this.children.find((one) => !("sticky" in one.dataset)) ?? null;
  }
}

/** A new, empty document. */
export const emptyDocument = () => ({
  body: new Element("body"),
  createElement: (tag) => new Element(tag),
  createElementNS: (_space, tag) => new Element(tag),
});

/** All elements below one, outermost first. */
export const below = (node) =>
  node.children.filter((one) => one instanceof Element).flatMap((one) => [one, ...below(one)]);
export const classed = (node, name) => below(node).filter((one) => one.attributes.class?.split(" ").includes(name));
