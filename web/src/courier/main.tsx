import "../ui/ui";

import { showPage } from "../ui/page";
import { Deliveries } from "./Deliveries";

showPage(<Deliveries />);
