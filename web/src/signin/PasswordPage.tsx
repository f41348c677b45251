// Changing one's password: by choice, or because an administrator set it (`forced`).
import { type FormEvent, useState } from "react";
import { go } from "../app/router";
import { changePassword, useSession } from "../app/session";
import { say } from "../app/toasts";
import { Trouble } from "../app/trouble";
import { Button, Notice, TextField } from "../design/parts";
import { type Speech, useSpeech } from "../i18n";
import { Gate } from "./Gate";
import { type PasswordFault, passwordFault } from "./passwords";
import "./signin.css";

export function faultWords(fault: PasswordFault, { t, f }: Speech): string | null {
  if (fault === null) return null;
  if (fault === "isName") return t.password.isName;
  if (fault === "differs") return t.password.differs;
  return t.password.short(f.integer(fault.short));
}

export function PasswordPage({ forced }: { forced?: boolean }) {
  const speech = useSpeech();
  const { t } = speech;
  const name = useSession().session?.account?.name ?? "";
  const [old, setOld] = useState("");
  const [next, setNext] = useState("");
  const [repeat, setRepeat] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const fault = passwordFault(next, repeat, name);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await changePassword(old, next);
      say(t.password.done);
      go("/");
    } catch (cause) {
      setError(cause);
    } finally {
      setBusy(false);
    }
  };

  const form = (
    <form className={forced ? "gate-form" : "panel"} onSubmit={submit}>
      <h1>{t.password.title}</h1>
      {forced && <Notice tone="accent">{t.password.must}</Notice>}
      {error !== null && <Trouble error={error} />}
      <input type="text" autoComplete="username" value={name} readOnly hidden />
      <TextField
        label={t.password.old}
        type="password"
        value={old}
        onText={setOld}
        autoComplete="current-password"
        autoFocus
        required
      />
      <TextField
        label={t.password.next}
        hint={t.password.rule}
        wrong={fault === "differs" ? null : faultWords(fault, speech)}
        type="password"
        value={next}
        onText={setNext}
        autoComplete="new-password"
        required
      />
      <TextField
        label={t.password.repeat}
        wrong={fault === "differs" ? faultWords(fault, speech) : null}
        type="password"
        value={repeat}
        onText={setRepeat}
        autoComplete="new-password"
        required
      />
      <Button
        type="submit"
        look="primary"
        big
        disabled={busy || fault !== null || old === "" || next === "" || repeat === ""}
      >
        {t.password.go}
      </Button>
    </form>
  );
  return forced ? <Gate>{form}</Gate> : <div className="page narrow">{form}</div>;
}
