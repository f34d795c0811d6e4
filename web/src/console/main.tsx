import "../ui/ui";

import { showPage } from "../ui/page";
import { LatestOrders } from "./LatestOrders";

showPage(<LatestOrders />);
