// One account: made, or changed.
import { type FormEvent, useState } from "react";
import { ApiError, post, request } from "../api/client";
import { type Account, ROLES, type Role } from "../api/types";
import { say } from "../app/toasts";
import { Trouble, troubleWords } from "../app/trouble";
import { Button, Dialog, TextField } from "../design/parts";
import { useSpeech } from "../i18n";
import { faultWords } from "../signin/PasswordPage";
import { passwordFault } from "../signin/passwords";

interface Props {
  /** Null for a new one. */
  account: Account | null;
  onClose: () => void;
  onSaved: () => void;
}

export function AccountDialog({ account, onClose, onSaved }: Props) {
  const speech = useSpeech();
  const { t } = speech;
  const [name, setName] = useState(account?.name ?? "");
  const [fullName, setFullName] = useState(account?.full_name ?? "");
  const [roles, setRoles] = useState<Role[]>(account?.roles ?? ["reviewer"]);
  const [units, setUnits] = useState((account?.units ?? []).join(", "));
  const [disabled, setDisabled] = useState(account?.disabled ?? false);
  const [password, setPassword] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const fault = password === "" ? null : passwordFault(password, null, name);
  const ready =
    name.trim() !== "" &&
    fullName.trim() !== "" &&
    roles.length > 0 &&
    fault === null &&
    (account !== null || password !== "");
  const field = error instanceof ApiError ? error.field : null;
  const wrongAt = (key: string) => (field === key ? troubleWords(error, speech) : null);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    const common = {
      full_name: fullName.trim(),
      roles,
      units: units
        .split(",")
        .map((unit) => unit.trim())
        .filter((unit) => unit !== ""),
    };
    try {
      if (account) {
        const changes = { ...common, disabled, ...(password === "" ? {} : { password }) };
        await request("PATCH", `/accounts/${encodeURIComponent(account.name)}`, changes);
      } else {
        await post("/accounts", { ...common, name: name.trim(), password });
      }
      say(t.accounts.saved);
      onSaved();
    } catch (cause) {
      setError(cause);
      setBusy(false);
    }
  };

  return (
    <Dialog
      title={account ? t.accounts.edit(account.full_name) : t.accounts.add}
      closeWord={t.close}
      onClose={onClose}
    >
      <form className="stack" onSubmit={submit}>
        {error !== null && field === null && <Trouble error={error} />}
        <TextField
          label={t.accounts.fullName}
          wrong={wrongAt("full_name")}
          value={fullName}
          onText={setFullName}
          autoFocus
        />
        <TextField
          label={t.accounts.name}
          hint={account ? undefined : t.firstRun.nameHint}
          wrong={wrongAt("name")}
          value={name}
          onText={setName}
          disabled={account !== null}
          autoCapitalize="none"
          spellCheck={false}
        />
        <fieldset className="roles">
          <legend>{t.accounts.roles}</legend>
          <div className="checks">
            {ROLES.map((role) => (
              <label key={role} className="check">
                <input
                  type="checkbox"
                  checked={roles.includes(role)}
                  onChange={(e) =>
                    setRoles(
                      e.target.checked ? [...roles, role] : roles.filter((one) => one !== role),
                    )
                  }
                />
                {t.roles[role]}
              </label>
            ))}
          </div>
          {roles.length === 0 && <p className="small lacking">{t.accounts.needRole}</p>}
        </fieldset>
        <TextField
          label={t.accounts.units}
          hint={t.accounts.unitsHint}
          wrong={wrongAt("units")}
          value={units}
          onText={setUnits}
        />
        <TextField
          label={account ? t.accounts.resetPassword : t.accounts.password}
          hint={account ? t.accounts.resetHint : t.password.rule}
          wrong={wrongAt("password") ?? faultWords(fault, speech)}
          type="password"
          autoComplete="new-password"
          value={password}
          onText={setPassword}
        />
        {account && (
          <label className="check">
            <input
              type="checkbox"
              checked={disabled}
              onChange={(e) => setDisabled(e.target.checked)}
            />
            {t.accounts.disable}
          </label>
        )}
        <footer>
          <Button onClick={onClose}>{t.cancel}</Button>
          <Button type="submit" look="primary" disabled={busy || !ready}>
            {t.save}
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}
