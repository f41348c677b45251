// A plate as text, its doubtful characters marked.
import { Fragment } from "react";

export function PlateText({ shown }: { shown: string }) {
  return (
    <span className="plate-text">
      {[...shown].map((c, i) =>
        c === "?" ? <mark key={i}>?</mark> : <Fragment key={i}>{c}</Fragment>,
      )}
    </span>
  );
}
