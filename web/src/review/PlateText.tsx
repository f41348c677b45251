// A plate as text, its doubtful characters marked.
import { Fragment } from "react";

export function PlateText({ shown }: { shown: string }) {
  return (
    <span className="plate-text">
      {[...shown].map((c, i) =>
        c === "?" ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: characters have no other identity
          <mark key={i}>?</mark>
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: characters have no other identity
          <Fragment key={i}>{c}</Fragment>
        ),
      )}
    </span>
  );
}
