// The drawings as React components. Those that tell the time are drawn again every half minute.
import { createElement as h, useEffect, useReducer } from "react";
import * as D from "./draw.js";

const face = (draw) => (props) => draw(h, props);
const ticking = (draw) => (props) => {
  const [, tick] = useReducer((n) => n + 1, 0);
  useEffect(() => {
    const timer = setInterval(tick, 30e3);
    return () => clearInterval(timer);
  }, []);
  return props.at ? draw(h, props) : null;
};
export const Seal = face(D.seal),
  Standing = face(D.state),
  Logo = face(D.logo),
  Meter = face(D.meter),
  Risk = face(D.risk);
export const Slots = face(D.slots),
  System = face(D.system),
  Money = face(D.money),
  Time = ticking(D.time),
  Due = ticking(D.due);
