// The first account: made once, with the code that `giaolo serve` printed.
import { type FormEvent, useState } from "react";
import { createFirst } from "../app/session";
import { Trouble } from "../app/trouble";
import { Button, TextField } from "../design/parts";
import { useSpeech } from "../i18n";
import { Gate } from "./Gate";
import { faultWords } from "./PasswordPage";
import { MIN_LENGTH, passwordFault } from "./passwords";

export function FirstRun() {
  const speech = useSpeech();
  const { t } = speech;
  const [values, setValues] = useState({ code: "", name: "", full_name: "", password: "" });
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const set = (key: keyof typeof values) => (text: string) => setValues({ ...values, [key]: text });
  const fault = passwordFault(values.password, null, values.name);
  const ready = Object.values(values).every((v) => v.trim() !== "") && fault === null;

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await createFirst({ ...values, code: values.code.trim(), name: values.name.trim() });
    } catch (cause) {
      setError(cause);
      setBusy(false);
    }
  };

  return (
    <Gate>
      <form className="gate-form" onSubmit={submit}>
        <div>
          <h1>{t.firstRun.title}</h1>
          <p className="quiet">{t.firstRun.text}</p>
        </div>
        {error !== null && <Trouble error={error} />}
        <TextField
          label={t.firstRun.code}
          value={values.code}
          onText={set("code")}
          autoComplete="one-time-code"
          spellCheck={false}
          autoFocus
          required
        />
        <TextField
          label={t.firstRun.fullName}
          value={values.full_name}
          onText={set("full_name")}
          autoComplete="name"
          required
        />
        <TextField
          label={t.firstRun.name}
          hint={t.firstRun.nameHint}
          value={values.name}
          onText={set("name")}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
        />
        <TextField
          label={t.password.next}
          hint={t.password.rule}
          wrong={faultWords(fault, speech)}
          type="password"
          value={values.password}
          onText={set("password")}
          autoComplete="new-password"
          minLength={MIN_LENGTH}
          required
        />
        <Button type="submit" look="primary" big disabled={busy || !ready}>
          {t.firstRun.go}
        </Button>
      </form>
    </Gate>
  );
}
