// The drawings as React components. Those that tell the time are drawn again every half minute.
import { createElement as h, useEffect, useReducer } from "react";
import * as D from "./draw.js";

const face = (draw) => (props) => draw(h, props);
/** Draws its component again every `ms`. */
export const useTick = (ms) => {
  const [, tick] = useReducer((n) => n + 1, 0);
  useEffect(() => {
    const timer = setInterval(tick, ms);
    return () => clearInterval(timer);
  }, []);
};
const ticking = (draw) => (props) => {
  useTick(30e3);
  return props.at ? draw(h, props) : null;
};
export const Seal = face(D.seal),
  Standing = face(D.state),
  Logo = face(D.logo),
  Meter = face(D.meter),
  Risk = face(D.risk),
  System = face(D.system),
  Money = face(D.money),
  Time = ticking(D.time),
  Due = ticking(D.due);
