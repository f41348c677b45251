// Signing in; also above a screen whose session has ended (`again`), which then goes on.
import { type FormEvent, useState } from "react";
import { signIn } from "../app/session";
import { Trouble } from "../app/trouble";
import { Button, Dialog, TextField } from "../design/parts";
import { useSpeech } from "../i18n";
import { Gate } from "./Gate";

export function SignIn({ again }: { again?: string }) {
  const { t } = useSpeech();
  const [name, setName] = useState(again ?? "");
  const [password, setPassword] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await signIn(name.trim(), password);
    } catch (cause) {
      setError(cause);
      setPassword("");
      setBusy(false);
    }
  };

  const form = (
    <form className="gate-form" onSubmit={submit} style={again ? { paddingBottom: 0 } : undefined}>
      {!again && <h1>{t.signIn.title}</h1>}
      {again && <p>{t.signIn.againText}</p>}
      {error !== null && <Trouble error={error} />}
      <TextField
        label={t.signIn.name}
        value={name}
        onText={setName}
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        autoFocus={!again}
        required
      />
      <TextField
        label={t.signIn.password}
        type="password"
        value={password}
        onText={setPassword}
        autoComplete="current-password"
        autoFocus={Boolean(again)}
        required
      />
      <Button type="submit" look="primary" big disabled={busy || !name || !password}>
        {t.signIn.go}
      </Button>
      {!again && <p className="small quiet">{t.signIn.help}</p>}
    </form>
  );
  if (!again) return <Gate>{form}</Gate>;
  return (
    // Nothing behind it can be done without signing in, so closing it only reopens it.
    <Dialog title={t.signIn.again} closeWord={t.close} onClose={() => {}}>
      {form}
    </Dialog>
  );
}
