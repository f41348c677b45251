// From the address and the session to a screen.
import { lazy, Suspense, useEffect } from "react";
import { Bones, Empty } from "../design/parts";
import { useSpeech } from "../i18n";
import { FirstRun } from "../signin/FirstRun";
import { PasswordPage } from "../signin/PasswordPage";
import { SignIn } from "../signin/SignIn";
import { go, Link, usePlace } from "./router";
import { Shell } from "./Shell";
import { screensFor } from "./screens";
import { askSession, useSession } from "./session";
import { Trouble } from "./trouble";

const Review = lazy(() => import("../review/Review"));
const Stats = lazy(() => import("../stats/Stats"));
const Cameras = lazy(() => import("../cameras/Cameras"));
const Audit = lazy(() => import("../audit/Audit"));
const Accounts = lazy(() => import("../accounts/Accounts"));

export function App() {
  const { session, ended, error, person } = useSession();
  useEffect(() => {
    askSession();
  }, []);

  if (!session) {
    return error ? (
      <div className="page">
        <Trouble error={error} onRetry={askSession} />
      </div>
    ) : null;
  }
  if (!session.account) return session.first_run ? <FirstRun /> : <SignIn />;
  if (session.account.must_change_password) return <PasswordPage forced />;
  return (
    <>
      <Shell key={person} account={session.account} version={session.version}>
        <Suspense fallback={<Loading />}>
          <Screen roles={session.account.roles} />
        </Suspense>
      </Shell>
      {ended && <SignIn again={session.account.name} />}
    </>
  );
}

function Loading() {
  return (
    <div className="page">
      <Bones rows={6} />
    </div>
  );
}

function Screen({ roles }: { roles: Parameters<typeof screensFor>[0] }) {
  const { t } = useSpeech();
  const { path } = usePlace();
  const mine = screensFor(roles);
  const home = mine[0]?.path;
  useEffect(() => {
    if (path === "/" && home) go(home, "replace");
  }, [path, home]);

  if (path === "/password") return <PasswordPage />;
  if (!home) return <Empty icon="user" title={t.noScreen} />;
  const name = mine.find((s) => path === s.path || path.startsWith(`${s.path}/`))?.name;
  switch (name) {
    case "review":
      return <Review />;
    case "stats":
      return <Stats />;
    case "cameras":
      return <Cameras />;
    case "audit":
      return <Audit />;
    case "accounts":
      return <Accounts />;
    case undefined:
      return path === "/" ? null : (
        <Empty icon="info" title={t.notFound.title}>
          <p>{t.notFound.text}</p>
          <Link className="button" to={home}>
            {t.notFound.home}
          </Link>
        </Empty>
      );
  }
}
