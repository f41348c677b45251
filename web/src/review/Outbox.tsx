// What waits to be sent, with its undo, and what could not be sent, with its way on.
import { useEffect } from "react";
import { ApiError } from "../api/client";
import { go } from "../app/router";
import { accountName } from "../app/session";
import { useStore } from "../app/store";
import { troubleWords } from "../app/trouble";
import { Button, classes } from "../design/parts";
import { type Speech, useSpeech, wordOf } from "../i18n";
import { isTyping } from "./keys";
import { drop, type Outgoing, outbox, send, UNDO_MS, undo } from "./outbox";

function takeBack(number?: number): void {
  const row = undo(number);
  if (row) go(`/review/${encodeURIComponent(row.id)}${location.search}`);
}

function failureWords(one: Outgoing, speech: Speech): string {
  const { t } = speech;
  const me = accountName();
  if (me === null) return t.errors.signedOut;
  if (one.account !== me) return t.review.otherPerson(one.account);
  if (one.error instanceof ApiError && one.error.code === "case_changed") return t.review.changed;
  return troubleWords(one.error, speech);
}

export function Outbox() {
  const speech = useSpeech();
  const { t } = speech;
  const all = useStore(outbox);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "u" || event.ctrlKey || event.metaKey || event.altKey) return;
      if (isTyping(event.target)) return;
      takeBack();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);

  return (
    <>
      {all.map((one) => {
        const what = `${wordOf(t.kinds, one.row.kind)} · ${one.row.plate?.shown || one.row.camera}`;
        if (one.state === "failed") {
          const stale = one.error instanceof ApiError && one.error.status === 409;
          return (
            <div key={one.number} className="toast bad" role="alert">
              <span>
                <strong>
                  {t.review.notSent}: {what}.
                </strong>{" "}
                {failureWords(one, speech)}
              </span>
              {!stale && <Button onClick={() => send(one.number)}>{t.review.sendAgain}</Button>}
              {stale && (
                <Button
                  onClick={() => {
                    drop(one.number);
                    go(`/review/${encodeURIComponent(one.row.id)}`);
                  }}
                >
                  {t.review.openCase}
                </Button>
              )}
              <Button
                icon="close"
                aria-label={t.review.drop}
                title={t.review.drop}
                onClick={() => drop(one.number)}
              />
            </div>
          );
        }
        return (
          <div key={one.number} className={classes("toast", one.state)}>
            <span>
              <strong>{t.review.sent[one.decision.decision]}</strong> {what}
              {one.decision.reason && ` · ${t.review.rejectReasons[one.decision.reason]}`}
            </span>
            {one.state === "waiting" ? (
              <Button hotkey="U" onClick={() => takeBack(one.number)}>
                {t.review.undo}
              </Button>
            ) : (
              <span className="small">{t.review.sending}</span>
            )}
            {one.state === "waiting" && (
              <div className="fuse" style={{ animationDuration: `${UNDO_MS}ms` }} />
            )}
          </div>
        );
      })}
    </>
  );
}
