import { StoryList } from "../../stories/StoryList";
import { Link } from "../go";

export const Scenarios = () => (
  <StoryList link={(scenario, title) => <Link to={`/scenarios/${scenario}`}>{title}</Link>} />
);
