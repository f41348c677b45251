// A file of a case as an address that an <img> or <video> can show.
import { useEffect, useState } from "react";
import { fileObject } from "./preload";

export type ObjectState = { url: string } | "loading" | "missing";

export function useObject(id: string, name: string | null): ObjectState {
  const [state, setState] = useState<ObjectState>(name === null ? "missing" : "loading");
  useEffect(() => {
    if (name === null) {
      setState("missing");
      return;
    }
    let gone = false;
    setState("loading");
    fileObject(id, name).then(
      (url) => {
        if (!gone) setState({ url });
      },
      () => {
        if (!gone) setState("missing");
      },
    );
    return () => {
      gone = true;
    };
  }, [id, name]);
  return state;
}
