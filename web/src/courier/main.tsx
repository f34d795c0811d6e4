import "../ui/ui";
import "./courier.css";

import { showPage } from "../ui/page";
import { Courier } from "./Courier";

showPage(<Courier />);
