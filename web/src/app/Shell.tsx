// The frame around every screen: navigation by role, language, theme, account, and what the
// connection is worth.
import { type ReactNode, useEffect, useRef, useState } from "react";
import { connection } from "../api/client";
import { useChanges } from "../api/events";
import type { SessionAccount } from "../api/types";
import { Icon, Mark } from "../design/icons";
import { Button } from "../design/parts";
import { setLanguage, useSpeech } from "../i18n";
import { Outbox } from "../review/Outbox";
import { go, Link, usePlace } from "./router";
import { screensFor } from "./screens";
import { askSession, signOut } from "./session";
import "./shell.css";
import { useStore } from "./store";
import { switchTheme, useTheme } from "./theme";
import { Notes } from "./toasts";

interface ShellProps {
  account: SessionAccount;
  version: string;
  children: ReactNode;
}

export function Shell({ account, version, children }: ShellProps) {
  const { t } = useSpeech();
  const { path } = usePlace();
  const screens = screensFor(account.roles);
  // Keeps the one connection for changes open from screen to screen.
  useChanges(() => {});
  const here = screens.find((s) => path.startsWith(s.path));
  useEffect(() => {
    document.title = here ? `${t.nav[here.name]} · ${t.product}` : t.product;
  }, [here, t]);

  return (
    <div className="shell">
      <a className="skip-link" href="#main">
        {t.skip}
      </a>
      <header className="top">
        <Link to="/" className="brand">
          <Mark size={26} />
          <span>{t.product}</span>
        </Link>
        <nav aria-label={t.nav.label}>
          {screens.map((screen) => (
            <Link
              key={screen.name}
              to={screen.path}
              aria-current={here?.name === screen.name ? "page" : undefined}
            >
              <Icon name={screen.icon} />
              <span>{t.nav[screen.name]}</span>
            </Link>
          ))}
        </nav>
        <Preferences />
        <AccountMenu account={account} version={version} />
      </header>
      <ConnectionBanner />
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      <div className="toasts" role="status">
        <Notes closeWord={t.close} />
        <Outbox />
      </div>
    </div>
  );
}

/** Language and theme; also stands on the pages before signing in. */
export function Preferences() {
  const { t, language } = useSpeech();
  const theme = useTheme();
  return (
    <div className="row preferences">
      <fieldset className="segments" aria-label={t.language} style={{ margin: 0 }}>
        <button
          type="button"
          lang="vi"
          aria-pressed={language === "vi"}
          title="Tiếng Việt"
          onClick={() => setLanguage("vi")}
        >
          VI
        </button>
        <button
          type="button"
          lang="en"
          aria-pressed={language === "en"}
          title="English"
          onClick={() => setLanguage("en")}
        >
          EN
        </button>
      </fieldset>
      <Button
        look="plain"
        icon={theme === "dark" ? "sun" : "moon"}
        aria-label={t.theme.switch}
        title={t.theme.switch}
        onClick={switchTheme}
      />
    </div>
  );
}

function AccountMenu({ account, version }: { account: SessionAccount; version: string }) {
  const { t } = useSpeech();
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return;
    const outside = (event: Event) => {
      if (!box.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", outside);
    document.addEventListener("focusin", outside);
    return () => {
      document.removeEventListener("pointerdown", outside);
      document.removeEventListener("focusin", outside);
    };
  }, [open]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape closes what its button opened
    <div
      className="account"
      ref={box}
      onKeyDown={(e) => {
        if (e.key !== "Escape" || !open) return;
        e.stopPropagation();
        setOpen(false);
        box.current?.querySelector("button")?.focus();
      }}
    >
      <Button look="plain" icon="user" aria-expanded={open} onClick={() => setOpen(!open)}>
        <span className="cut account-name">{account.full_name}</span>
      </Button>
      {open && (
        <div className="menu panel">
          <div className="who">
            <div className="strong">{account.full_name}</div>
            <div className="small quiet">{account.roles.map((r) => t.roles[r]).join(" · ")}</div>
            <div className="small quiet">
              {account.units.length === 0 ? t.accounts.allUnits : account.units.join(", ")}
            </div>
          </div>
          <button
            type="button"
            onClick={() => {
              setOpen(false);
              go("/password");
            }}
          >
            <Icon name="lock" />
            {t.nav.password}
          </button>
          <button type="button" onClick={() => signOut()}>
            <Icon name="out" />
            {t.nav.signOut}
          </button>
          <div className="version small quiet">giaolo {version}</div>
        </div>
      )}
    </div>
  );
}

function ConnectionBanner() {
  const { t } = useSpeech();
  const state = useStore(connection);
  useEffect(() => {
    if (state === "online") return;
    // Asks by itself, so that a person who waits sees the banner go.
    const timer = setInterval(askSession, 5000);
    return () => clearInterval(timer);
  }, [state]);
  if (state === "online") return null;
  return (
    <div className="connection" role="alert">
      <Icon name="offline" />
      <span>{t.connection[state]}</span>
      <Button icon="reload" onClick={askSession}>
        {t.retry}
      </Button>
    </div>
  );
}
