import "../ui/ui";
import "./home.css";

import { showPage } from "../ui/page";
import { Home } from "./Home";

showPage(<Home />);
