import { useQuery } from "@tanstack/react-query";

import { api, get } from "../api/client";

export const useScenarios = () => useQuery({ queryKey: ["scenarios"], queryFn: () => get(api.GET("/v1/scenarios")) });
