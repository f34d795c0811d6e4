import { Time } from "../../../ui/Time";
import { sentence } from "../../../words/problems";
import type { Target } from "./state";

/// How it goes, among the facts of a target.
export const Progress = ({ of }: { of: Target }) => (
  <>
    {of.failing_since && (
      <>
        <dt>Failing since</dt>
        <dd>
          <Time at={of.failing_since} />
        </dd>
      </>
    )}
    {of.last_error && (
      <>
        <dt>Last trouble</dt>
        <dd>
          {sentence(of.last_error)} {of.last_failure_at && <Time at={of.last_failure_at} />}
        </dd>
      </>
    )}
    <dt>Last success</dt>
    <dd>{of.last_success_at ? <Time at={of.last_success_at} /> : "none yet"}</dd>
  </>
);
