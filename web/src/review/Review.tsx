// The review screens by address: the queue, or one case of it.
import { usePlace } from "../app/router";
import { CaseScreen } from "./CaseScreen";
import { QueueScreen } from "./QueueScreen";
import "./review.css";

export default function Review() {
  const { path, query } = usePlace();
  const id = /^\/review\/(.+)$/.exec(path)?.[1];
  if (id) return <CaseScreen key={id} id={decodeURIComponent(id)} query={query} />;
  return <QueueScreen query={query} />;
}
