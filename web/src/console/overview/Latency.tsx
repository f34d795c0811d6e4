import { useQuery } from "@tanstack/react-query";

import { api, get } from "../../api/client";
import { Refused } from "../../ui/Refused";
import { Skeleton } from "../../ui/Skeleton";
import { Link } from "../go";
import { percentText, shareOf, stepText, timeText } from "./latency";

const readEveryMs = 10_000;

/// How long each step of orders took in the last hour, on all nodes.
export function Latency() {
  const { data, error, refetch } = useQuery({
    queryKey: ["latency"],
    queryFn: () => get(api.GET("/v1/latency")),
    refetchInterval: readEveryMs,
    staleTime: 0,
  });
  if (error && !data) return <Refused problem={error} retry={() => void refetch()} />;
  if (!data) return <Skeleton height={24} />;
  if (data.steps.length === 0) return <p className="soft">No order has finished a step in the last hour.</p>;
  const most = Math.max(...data.steps.map(({ p99_us }) => p99_us));
  return (
    <>
      <table className="grid-table latency">
        <thead>
          <tr>
            <th>Step</th>
            <th className="end">Half within (p50)</th>
            <th className="end">99 % within (p99)</th>
            <th className="bars" aria-hidden="true" />
            <th className="end">Finished</th>
          </tr>
        </thead>
        <tbody>
          {data.steps.map(({ step, count, p50_us, p99_us }) => (
            <tr key={step}>
              <td>
                {step === "delivered" ? (
                  stepText(step)
                ) : (
                  <Link to="/orders" search={{ waits: step }}>
                    {stepText(step)}
                  </Link>
                )}
              </td>
              <td className="end" data-name="p50">
                {timeText(p50_us, data.longest_us)}
              </td>
              <td className="end" data-name="p99">
                {timeText(p99_us, data.longest_us)}
              </td>
              <td className="bars" aria-hidden="true">
                <span className="latency-bar">
                  <span className="is-p99" style={{ width: percentText(shareOf(p99_us, most)) }} />
                  <span className="is-p50" style={{ width: percentText(shareOf(p50_us, most)) }} />
                </span>
              </td>
              <td className="end" data-name="finished">
                {count.toLocaleString("en-GB")}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="soft small">
        Of the last hour, on {data.nodes.length === 1 ? "one node" : `${data.nodes.length} nodes`}
        {data.missing.length > 0 && <>; without {data.missing.join(", ")}, which did not answer</>}. The bars have a
        scale on which each step to the right is ten times as long.
      </p>
    </>
  );
}
