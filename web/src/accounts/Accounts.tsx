// Who may sign in, as what, and for which units.
import { useState } from "react";
import type { Account, Page } from "../api/types";
import { useQuery } from "../api/useQuery";
import { Trouble } from "../app/trouble";
import { Badge, Bones, Button, Notice } from "../design/parts";
import { useSpeech } from "../i18n";
import { AccountDialog } from "./AccountDialog";

export default function Accounts() {
  const { t, f } = useSpeech();
  const list = useQuery<Page<Account>>("/accounts?limit=200");
  const [edited, setEdited] = useState<Account | "new" | null>(null);
  const accounts = list.data?.items ?? [];
  return (
    <div className="page">
      <div className="page-head">
        <div>
          <h1>{t.accounts.title}</h1>
          <p>
            {list.data
              ? t.accounts.lead(f.integer(accounts.filter((a) => !a.disabled).length))
              : t.loading}
          </p>
        </div>
        <Button look="primary" icon="plus" className="push" onClick={() => setEdited("new")}>
          {t.accounts.add}
        </Button>
      </div>
      <Notice icon="user">{t.accounts.fourEyes}</Notice>
      {list.error && <Trouble error={list.error} onRetry={list.reload} />}
      {!list.data && !list.error && <Bones rows={6} />}
      {list.data && (
        <div className="panel table-wrap">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{t.accounts.fullName}</th>
                <th scope="col">{t.accounts.roles}</th>
                <th scope="col">{t.accounts.units}</th>
                <th scope="col">{t.accounts.status}</th>
                <th scope="col">{t.accounts.lastSignIn}</th>
                <th scope="col">
                  <span className="unseen">{t.accounts.edit("")}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {accounts.map((account) => (
                <tr key={account.name}>
                  <td>
                    <div className="strong">{account.full_name}</div>
                    <div className="small quiet">{account.name}</div>
                  </td>
                  <td>
                    <div className="row wrap" style={{ gap: 4 }}>
                      {account.roles.map((role) => (
                        <Badge key={role}>{t.roles[role]}</Badge>
                      ))}
                    </div>
                  </td>
                  <td className="small">
                    {account.units.length === 0 ? (
                      <span className="quiet">{t.accounts.allUnits}</span>
                    ) : (
                      account.units.join(", ")
                    )}
                  </td>
                  <td>
                    <Status account={account} />
                  </td>
                  <td className="small nowrap">
                    {account.last_sign_in ? f.short(account.last_sign_in) : t.accounts.never}
                  </td>
                  <td className="number">
                    <Button
                      look="plain"
                      icon="edit"
                      aria-label={t.accounts.edit(account.full_name)}
                      onClick={() => setEdited(account)}
                    />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {edited !== null && (
        <AccountDialog
          account={edited === "new" ? null : edited}
          onClose={() => setEdited(null)}
          onSaved={() => {
            setEdited(null);
            list.reload();
          }}
        />
      )}
    </div>
  );
}

function Status({ account }: { account: Account }) {
  const { t, f } = useSpeech();
  if (account.disabled) return <Badge>{t.accounts.disabled}</Badge>;
  if (account.locked_until && Date.parse(account.locked_until) > Date.now()) {
    return (
      <Badge tone="warn" icon="lock">
        {t.accounts.locked(f.clock(account.locked_until))}
      </Badge>
    );
  }
  return <Badge tone="good">{t.accounts.active}</Badge>;
}
