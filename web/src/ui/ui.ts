// What every page is made of: import it once, before the page's own style.
import "./tokens.css";
import "./base.css";
import "./controls.css";
import "./surfaces.css";
