// What the island imports and a test does not want: React above all. It is as small as the tests allow.
import { plugin } from "bun";

const react = {
  createElement: (tag, attrs, ...kids) => ({ tag, attrs: attrs ?? {}, kids: kids.flat() }),
  useSyncExternalStore: (_subscribe, read) => read(),
  useEffect() {},
  useReducer: () => [0, () => {}],
  useRef: (current) => ({ current }),
  useState: (value) => [value, () => {}],
  memo: (component) => component,
};
const packages = {
  react,
};
plugin({
  name: "stand-ins",
  setup(build) {
    for (const [name, exports] of Object.entries(packages)) build.module(name, () => ({ exports, loader: "object" }));
  },
});
