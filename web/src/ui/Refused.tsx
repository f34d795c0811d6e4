import { asProblem } from "../api/problem";
import { explain } from "../words/problems";
import { Button } from "./Button";

/// What did not work, what to do now, and the request's id for whoever is asked for help.
export function Refused({ problem, retry }: { problem: unknown; retry?: () => void }) {
  const { title, advice } = explain(problem);
  const { requestId } = asProblem(problem);
  return (
    <div className="notice tone-refused" role="alert">
      <strong>{title}</strong>
      <span>{advice}</span>
      {requestId && (
        <span className="small soft">
          Request <code>{requestId}</code>
        </span>
      )}
      {retry && <Button onClick={retry}>Try again</Button>}
    </div>
  );
}
