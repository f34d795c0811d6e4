import "../ui/ui";
import "./console.css";

import { RouterProvider } from "@tanstack/react-router";

import { showPage } from "../ui/page";
import { router } from "./router";

showPage(<RouterProvider router={router} />);
