import { useQuery } from "@tanstack/react-query";

import { api, get } from "../../api/client";

const readEveryMs = 10_000;

export const useAudit = () =>
  useQuery({
    queryKey: ["audit"],
    queryFn: () => get(api.GET("/v1/audit")),
    refetchInterval: readEveryMs,
    staleTime: 0,
  });
