import "../ui/ui";
import "./scenarios.css";

import { showPage } from "../ui/page";
import { Scenarios } from "./Scenarios";

showPage(<Scenarios />);
