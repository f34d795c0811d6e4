import "../kit/kit.css";

import { Badge } from "../../ui/Badge";
import { Refused } from "../../ui/Refused";
import { Skeleton } from "../../ui/Skeleton";
import { Time } from "../../ui/Time";
import { durationText } from "../../words/times";
import { GridTable } from "../kit/GridTable";
import { type Audit as Report, coverageOf, invariantText } from "./audit";
import { useAudit } from "./use-audit";
import { Violations } from "./Violations";

function Coverage({ report }: { report: Report }) {
  const { isWell, text } = coverageOf(report, durationText);
  return (
    <section className="card" aria-labelledby="coverage">
      <header>
        <h2 id="coverage">What was looked at</h2>
        <Badge tone={isWell ? "done" : "attention"}>{isWell ? "Complete" : "Not complete"}</Badge>
      </header>
      <dl className="facts">
        <dt>How far</dt>
        <dd>{text}</dd>
        <dt>Events</dt>
        <dd className="number">{report.events.toLocaleString("en-GB")} checked</dd>
        <dt>Units</dt>
        <dd className="number">
          {report.units.toLocaleString("en-GB")} orders with their parts, products and other streams checked
        </dd>
        <dt>Behind</dt>
        <dd className="number">{report.behind_ms > 0 ? durationText(report.behind_ms) : "nothing waits"}</dd>
        <dt>Walked over all</dt>
        <dd>{report.walked_at ? <Time at={report.walked_at} /> : "not yet"}</dd>
        <dt>Last heard of</dt>
        <dd>{report.saved_at ? <Time at={report.saved_at} /> : "never"}</dd>
      </dl>
    </section>
  );
}

/// Whether what is stored agrees with itself and with the payment provider: what must hold, and what does not.
export function Audit() {
  const { data, error, refetch } = useAudit();
  return (
    <div className="stack">
      <div className="page-head">
        <h1>Audit</h1>
        <p className="soft">
          The auditor follows the log and compares what is stored, the events, and the payment provider's ledger.
        </p>
      </div>
      {error && <Refused problem={error} retry={() => void refetch()} />}
      {!data && !error && <Skeleton height={64} />}
      {data && (
        <>
          <section className="card" aria-labelledby="violations">
            <header>
              <h2 id="violations">Contradictions</h2>
            </header>
            {data.open.length > 0 ? (
              <Violations all={data.open} />
            ) : (
              <p>
                <span className="badge tone-done">None</span>{" "}
                <span className="soft">One that is found is checked again before it is shown here.</span>
              </p>
            )}
          </section>
          <Coverage report={data} />
          {data.found.length > 0 && (
            <section className="card table-card" aria-label="Ever found">
              <GridTable columns={["What must hold", { number: "Ever found" }]}>
                {data.found.map(({ invariant, count }) => (
                  <tr key={invariant}>
                    <td>
                      <strong>{invariant}</strong> {invariantText(invariant)}
                    </td>
                    <td className="end" data-name="ever found">
                      {count}
                    </td>
                  </tr>
                ))}
              </GridTable>
            </section>
          )}
        </>
      )}
    </div>
  );
}
