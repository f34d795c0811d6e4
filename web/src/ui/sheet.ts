import base from "./style/base.css?inline";
import controls from "./style/controls.css?inline";
import surfaces from "./style/surfaces.css?inline";
import tokens from "./style/tokens.css?inline";

/// The style of all pages as text, for elements, which have a style of their own.
export const sheet = tokens + base + controls + surfaces;
