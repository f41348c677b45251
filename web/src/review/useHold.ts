// Holds a case for two minutes at a time while it is on screen, so that two officers do not decide
// the same one.
import { useEffect, useState } from "react";
import { ApiError, post, type Words } from "../api/client";
import { casePath } from "./preload";

const RENEW_MS = 60_000;

/** Who else has it, in the server's words; null while it is ours or not wanted. */
export function useHold(id: string, wanted: boolean): Words | "someone" | null {
  const [taken, setTaken] = useState<Words | "someone" | null>(null);
  useEffect(() => {
    if (!wanted) return;
    let gone = false;
    const hold = () =>
      post(`${casePath(id)}/open`, {}).then(
        () => {
          if (!gone) setTaken(null);
        },
        (error: unknown) => {
          if (gone || !(error instanceof ApiError) || error.status !== 409) return;
          setTaken(error.words ?? "someone");
        },
      );
    hold();
    const timer = setInterval(hold, RENEW_MS);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, [id, wanted]);
  return taken;
}
