import base from "./base.css?inline";
import controls from "./controls.css?inline";
import surfaces from "./surfaces.css?inline";
import tokens from "./tokens.css?inline";

/// The style of all pages as text, for elements, which have a style of their own.
export const sheet = tokens + base + controls + surfaces;
