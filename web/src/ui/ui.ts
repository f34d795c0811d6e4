// What every page is made of: import it once, before the page's own style.
import "./style/tokens.css";
import "./style/base.css";
import "./style/controls.css";
import "./style/surfaces.css";
