import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { api, get, type Schema } from "../../api/client";
import { useRights } from "../../session/rights";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { Refused } from "../../ui/Refused";
import { Skeleton } from "../../ui/Skeleton";
import { Time } from "../../ui/Time";
import { Ask } from "../kit/Ask";
import { CardTable } from "../kit/GridTable";
import { Id } from "../kit/Id";
import { consequences, runsText } from "./words";

type Function = Schema["Function"];
type Version = Schema["FunctionVersion"];

/// All versions that are kept, the newest first. What was registered once does not change, so it is read again only when
/// the function has.
export const useVersions = ({ name, version }: Pick<Function, "name" | "version">) =>
  useQuery({
    queryKey: ["function", name, "versions", version],
    queryFn: () => get(api.GET("/v1/functions/{id}/versions", { params: { path: { id: name } } })),
    placeholderData: (before) => before,
  });

function RollBack({ of, to, onClose }: { of: Function; to: Version; onClose: () => void }) {
  const ended = consequences({
    triggers: (of.triggers ?? []).filter((type) => !to.triggers?.includes(type)),
    guard: to.guard ? null : (of.guard ?? null),
  });
  return (
    <Ask
      title={`Roll ${of.name} back?`}
      action={`Call version ${to.version} again`}
      keep={`Leave version ${of.current_version}`}
      onClose={onClose}
      run={() =>
        get(
          api.POST("/v1/functions/{id}/rollback", {
            params: { path: { id: of.name }, header: { "If-Match": `"${of.version}"` } },
            body: { version: to.version },
          }),
        )
      }>
      <p>
        Version {to.version} is called from now on, with its triggers and its guard: {runsText(to)}. {ended.join(" ")}{" "}
        Version {of.current_version} is kept.
      </p>
    </Ask>
  );
}

interface Properties {
  of: Function;
  /// The number of the one whose source is shown.
  shown: number;
  onShow: (version: number) => void;
  changed: () => void;
}

/// The versions, with the way back to one.
export function Versions({ of, shown, onShow, changed }: Properties) {
  const { data, error, refetch } = useVersions(of);
  const [target, setTarget] = useState<Version>();
  const { isAdmin } = useRights();
  if (error && !data) return <Refused problem={error} retry={() => void refetch()} />;
  if (!data) return <Skeleton height={32} />;
  return (
    <section className="stack tight" aria-labelledby="versions">
      <h2 id="versions">Versions</h2>
      <CardTable columns={["Version", "Runs", "By", "Registered"]} hasActions>
        {data.items.map((version) => (
          <tr key={version.version}>
            <td>
              {version.version} {version.current && <Badge tone="done">Called now</Badge>}
            </td>
            <td data-name="runs">{runsText(version)}</td>
            <td>
              {version.registered_by && (
                <>
                  {version.registered_by.kind} <Id of={version.registered_by.id} />
                </>
              )}
            </td>
            <td>{version.registered_at && <Time at={version.registered_at} />}</td>
            <td className="end">
              <Button
                kind="tiny"
                aria-pressed={version.version === shown}
                aria-label={`Show the source of version ${version.version}`}
                onClick={() => onShow(version.version)}>
                Show
              </Button>{" "}
              {isAdmin && !version.current && (
                <Button
                  kind="tiny"
                  aria-label={`Roll back to version ${version.version}`}
                  onClick={() => setTarget(version)}>
                  Roll back
                </Button>
              )}
            </td>
          </tr>
        ))}
      </CardTable>
      {target && (
        <RollBack
          of={of}
          to={target}
          onClose={() => {
            setTarget(undefined);
            changed();
          }}
        />
      )}
    </section>
  );
}
