//! Accounts, the lock against guessing, and sessions.

use std::{collections::BTreeSet, sync::Arc};

use giaolo_domain::{MediaTime, UtcTime};

use super::samples::at;
use crate::{
    Account, AccountChange, AttemptId, NewAccount, NewSession, PasswordHash, Refusal, Register,
    Role, SESSION_IDLE_US, Scope, SignInGate, Store, StoreError, Unit, UnitKind,
};

pub(super) fn now() -> UtcTime {
    at("2026-11-24T08:00:00Z")
}

pub(super) fn minutes_later(minutes: i64) -> UtcTime {
    now().plus(MediaTime(minutes * 60_000_000))
}

fn hash(of: &str) -> PasswordHash {
    PasswordHash::new(format!("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA${of}")).unwrap()
}

pub(super) fn new_account(name: &str, roles: &[Role]) -> NewAccount {
    NewAccount {
        name: name.to_owned(),
        full_name: "Nguyễn Văn A".to_owned(),
        password: hash("YQ"),
        roles: roles.iter().copied().collect(),
        units: Vec::new(),
        must_change_password: false,
    }
}

pub(super) async fn add_units(store: &Store) {
    let unit = |name: &str| Unit { name: name.to_owned(), kind: UnitKind::Ward, successor: None };
    let register =
        Register { units: vec![unit("Thái Hòa"), unit("Uyên Hưng")], ..Register::default() };
    store.upsert_points_and_cameras(&register).await.unwrap();
}

fn denied<T: std::fmt::Debug>(result: Result<T, StoreError>) -> Refusal {
    match result {
        Err(StoreError::Denied(refusal)) => refusal,
        other => panic!("not denied: {other:?}"),
    }
}

async fn begin_session(
    store: &Store,
    token: &str,
    account: &Account,
    attempt: Option<AttemptId>,
    at: UtcTime,
) {
    let session = NewSession {
        token: token.to_owned(),
        csrf: format!("csrf of {token}"),
        account: account.name.clone(),
        account_version: account.version,
        attempt,
        at,
        expires_at: at.plus(MediaTime(12 * 3_600_000_000)),
    };
    store.session_begin(&session).await.unwrap();
}

pub(super) async fn the_first_is_made_once(store: Arc<Store>) {
    assert!(!store.has_accounts().await.unwrap());
    let makers: Vec<_> = (0..6)
        .map(|number| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                let account = new_account(&format!("admin-{number}"), &[]);
                store.create_first_administrator(&account, now()).await
            })
        })
        .collect();
    let mut made = 0;
    for maker in makers {
        match maker.await.unwrap() {
            Ok(account) => {
                assert!(account.has(Role::Administrator));
                made += 1;
            }
            Err(error) => {
                assert!(matches!(error, StoreError::Denied(Refusal::NotTheFirst)), "{error}")
            }
        }
    }
    assert_eq!((made, store.accounts().await.unwrap().len()), (1, 1));
    assert!(store.has_accounts().await.unwrap());
}

pub(super) async fn made_changed_and_never_removed(store: Arc<Store>) {
    add_units(&store).await;
    store.create_first_administrator(&new_account("admin", &[]), now()).await.unwrap();
    let mut officer = new_account("le.thi-b_2", &[Role::Reviewer, Role::Approver]);
    officer.units = vec!["Thái Hòa".to_owned()];
    let made = store.create_account(&officer, "admin", minutes_later(1)).await.unwrap();
    let (stored, password) = store.account("le.thi-b_2").await.unwrap().unwrap();
    assert_eq!((&stored, &password), (&made, &officer.password));
    assert_eq!(made.scope(), Scope { units: Some(vec!["Thái Hòa".to_owned()]) });
    assert!(!format!("{officer:?}").contains("argon2"), "a hash is shown");
    let again = store.create_account(&officer, "admin", now()).await;
    assert_eq!(denied(again), Refusal::AccountThere("le.thi-b_2".to_owned()));

    let named = AccountChange { full_name: Some("Lê Thị B".to_owned()), ..Default::default() };
    let named = store.change_account("le.thi-b_2", &named, "admin", minutes_later(2)).await;
    assert_eq!(named.unwrap().version, 1);
    let analyst = AccountChange {
        roles: Some(BTreeSet::from([Role::Analyst])),
        units: Some(Vec::new()),
        ..Default::default()
    };
    let changed = store.change_account("le.thi-b_2", &analyst, "admin", minutes_later(3)).await;
    let changed = changed.unwrap();
    assert_eq!((changed.version, changed.changed_at), (2, minutes_later(3)));
    assert_eq!(store.accounts().await.unwrap()[1], changed);
    assert_eq!(changed.scope(), Scope::TOWN);

    let audit = store.audit_entries(0, 20).await.unwrap();
    let told: Vec<_> =
        audit.iter().map(|e| (e.entry.action.as_str(), e.entry.who.as_str())).collect();
    let expected = [
        ("account.create", "admin"),
        ("account.create", "admin"),
        ("account.change", "admin"),
        ("account.change", "admin"),
    ];
    assert_eq!(told, expected);
    let text = format!("{audit:?}");
    assert!(!text.contains("argon2"), "{text}");
    let mut transaction = store.database.begin("meddling").await.unwrap();
    let removed = transaction.execute("DELETE FROM accounts", Vec::new()).await;
    assert!(removed.is_err());
}

pub(super) async fn hostile_accounts(store: Arc<Store>) {
    let long = "ă".repeat(10_000_000);
    for name in ["", "Nam", "nam van", "nam\0", "' OR 1=1 --", "../x", "nguyễn", &long] {
        let refused = store.create_account(&new_account(name, &[]), "admin", now()).await;
        assert!(matches!(denied(refused), Refusal::Invalid { field: "name", .. }), "{name:.20}");
        assert_eq!(store.account(name).await.unwrap(), None);
        let gate = store.sign_in_begin(name, "127.0.0.1", now()).await.unwrap();
        assert!(matches!(gate, SignInGate::Open(open) if open.account.is_none()));
    }
    for full_name in ["", "  ", "a\0b", "a\u{1b}[2J", &long] {
        let mut account = new_account("nam", &[]);
        account.full_name = full_name.to_owned();
        let refused = store.create_account(&account, "admin", now()).await;
        assert!(matches!(denied(refused), Refusal::Invalid { field: "full_name", .. }));
    }
    let mut account = new_account("nam", &[]);
    account.units = vec!["Thái Hoà".to_owned()];
    let refused = store.create_account(&account, "admin", now()).await;
    assert!(matches!(denied(refused), Refusal::Invalid { field: "units", .. }));
    for phc in ["", "mật khẩu", "$argon2id$", "argon2id"] {
        assert!(matches!(denied(PasswordHash::new(phc)), Refusal::Invalid { .. }), "{phc}");
    }
    assert!(!store.has_accounts().await.unwrap());
    let html = "<script>alert('x')</script> %' OR ''='";
    let mut account = new_account("nam", &[]);
    account.full_name = html.to_owned();
    assert_eq!(store.create_account(&account, "admin", now()).await.unwrap().full_name, html);
}

pub(super) async fn an_administrator_is_left(store: Arc<Store>) {
    store.create_first_administrator(&new_account("a", &[]), now()).await.unwrap();
    let both = new_account("b", &[Role::Administrator, Role::Auditor]);
    store.create_account(&both, "a", now()).await.unwrap();
    let disable = AccountChange { disabled: Some(true), ..Default::default() };
    let demote = AccountChange { roles: Some(BTreeSet::new()), ..Default::default() };
    // Both go at once: one of them must stay.
    let changes = [("a", disable), ("b", demote.clone())].map(|(name, change)| {
        let store = Arc::clone(&store);
        tokio::spawn(async move { store.change_account(name, &change, "a", now()).await })
    });
    let mut refused = 0;
    for change in changes {
        if let Err(error) = change.await.unwrap() {
            let last = matches!(error, StoreError::Denied(Refusal::LastAdministrator(_)));
            assert!(last, "{error}");
            refused += 1;
        }
    }
    assert_eq!(refused, 1);
    let able = |account: &&Account| !account.disabled && account.has(Role::Administrator);
    assert_eq!(store.accounts().await.unwrap().iter().filter(able).count(), 1);
    let nobody = store.change_account("c", &demote, "a", now()).await;
    assert_eq!(denied(nobody), Refusal::NoAccount("c".to_owned()));
}

pub(super) async fn guessing_is_locked(store: Arc<Store>) {
    store.create_first_administrator(&new_account("a", &[]), now()).await.unwrap();
    // At once: none of them may slip through before another is counted.
    let guesses: Vec<_> = (0..9)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.sign_in_begin("a", "10.0.0.7", now()).await.unwrap() })
        })
        .collect();
    let mut open = 0;
    for guess in guesses {
        match guess.await.unwrap() {
            SignInGate::Open(attempt) => {
                assert!(attempt.account.is_some());
                open += 1;
            }
            SignInGate::Locked { until } => assert_eq!(until, minutes_later(15)),
        }
    }
    assert_eq!(open, 5);
    let locked = store.locked_accounts(minutes_later(14)).await.unwrap();
    assert_eq!(locked.into_iter().collect::<Vec<_>>(), [("a".to_owned(), minutes_later(15))]);
    let said = store.audit_entries(0, 9).await.unwrap();
    let locks = said.iter().filter(|entry| entry.entry.action == "account.lock").count();
    assert_eq!(locks, 1);
    // A name that nobody has locks alike, and the address is counted over both.
    for wrong in 0..5 {
        match store.sign_in_begin("nobody", "10.0.0.7", now()).await.unwrap() {
            SignInGate::Open(open) => {
                assert_eq!((open.address_wrong, open.account), (5 + wrong, None))
            }
            SignInGate::Locked { .. } => panic!("locked after {wrong}"),
        }
    }
    let gate = store.sign_in_begin("nobody", "10.0.0.8", minutes_later(1)).await.unwrap();
    assert_eq!(gate, SignInGate::Locked { until: minutes_later(15) });
    assert!(store.locked_accounts(minutes_later(15)).await.unwrap().is_empty());

    // A right one in between clears the count; a day later nothing is kept.
    for minute in 20..24 {
        store.sign_in_begin("a", "10.0.0.9", minutes_later(minute)).await.unwrap();
    }
    let gate = store.sign_in_begin("a", "10.0.0.9", minutes_later(24)).await.unwrap();
    let SignInGate::Open(right) = gate else { panic!("{gate:?}") };
    let (account, _) = right.account.unwrap();
    begin_session(&store, "t", &account, Some(right.attempt), minutes_later(24)).await;
    let gate = store.sign_in_begin("a", "10.0.0.9", minutes_later(25)).await.unwrap();
    assert!(matches!(gate, SignInGate::Open(open) if open.address_wrong == 4));
    let next_day = minutes_later(25 * 60);
    store.sign_in_begin("a", "10.0.0.9", next_day).await.unwrap();
    let sql = "SELECT id FROM sign_in_attempts";
    assert_eq!(store.database.fetch("counting", sql, Vec::new()).await.unwrap().len(), 1);
    // An administrator's new password opens a lock.
    for _ in 0..4 {
        store.sign_in_begin("a", "10.0.0.9", next_day).await.unwrap();
    }
    assert_eq!(store.locked_accounts(next_day).await.unwrap().len(), 1);
    let reset = AccountChange { password: Some(hash("Yg")), ..Default::default() };
    assert!(store.change_account("a", &reset, "a", next_day).await.unwrap().must_change_password);
    assert!(store.locked_accounts(next_day).await.unwrap().is_empty());
}

pub(super) async fn sessions_end(store: Arc<Store>) {
    let a = store.create_first_administrator(&new_account("a", &[]), now()).await.unwrap();
    let b = store.create_account(&new_account("b", &[Role::Analyst]), "a", now()).await.unwrap();
    begin_session(&store, "of a", &a, None, now()).await;
    begin_session(&store, "of b", &b, None, now()).await;
    begin_session(&store, "b again", &b, None, now()).await;
    let holds = async |token: &str, at| store.session(token, at).await.unwrap();
    let session = holds("of b", minutes_later(1)).await.unwrap();
    assert_eq!((session.account.name.as_str(), session.csrf.as_str()), ("b", "csrf of of b"));
    assert_eq!(session.account.last_sign_in, Some(now()));
    assert_eq!(holds("OF B", now()).await, None);
    assert_eq!(holds("", now()).await, None);
    // The token itself is nowhere.
    let rows = store.database.fetch("looking", "SELECT token_sha256 FROM sessions", Vec::new());
    for row in rows.await.unwrap() {
        let hash = store.database.text(&row, "token_sha256").unwrap();
        assert!(hash.len() == 64 && !hash.contains("of"), "{hash}");
    }

    // Ended at once, and only that one.
    assert!(store.session_end("of b", minutes_later(2)).await.unwrap());
    assert!(!store.session_end("of b", minutes_later(2)).await.unwrap());
    assert_eq!(holds("of b", minutes_later(2)).await, None);
    assert!(holds("b again", minutes_later(2)).await.is_some());

    // Used, it lasts to its end; unused, half an hour.
    for minute in (10..12 * 60).step_by(20) {
        assert!(holds("b again", minutes_later(minute)).await.is_some(), "{minute}");
    }
    assert_eq!(holds("b again", minutes_later(12 * 60)).await, None);
    let idle = SESSION_IDLE_US / 60_000_000;
    assert!(holds("of a", minutes_later(idle - 1)).await.is_some());
    assert_eq!(holds("of a", minutes_later(2 * idle)).await, None);

    // A new password, other roles, a disabled account end all of them.
    let roles = BTreeSet::from([Role::Auditor]);
    let changes = [
        AccountChange { password: Some(hash("Yg")), ..Default::default() },
        AccountChange { roles: Some(roles), ..Default::default() },
        AccountChange { disabled: Some(true), ..Default::default() },
    ];
    for (number, change) in changes.iter().enumerate() {
        let (b, _) = store.account("b").await.unwrap().unwrap();
        let token = format!("round {number}");
        begin_session(&store, &token, &b, None, now()).await;
        assert!(holds(&token, now()).await.is_some());
        store.change_account("b", change, "a", now()).await.unwrap();
        assert_eq!(holds(&token, now()).await, None, "{change:?}");
    }
    begin_session(&store, "own", &a, None, now()).await;
    let changed = store.change_password("a", a.version, &hash("Yg"), now()).await.unwrap();
    assert_eq!(holds("own", now()).await, None);
    let stale = store.change_password("a", a.version, &hash("Yg"), now()).await;
    assert_eq!(denied(stale), Refusal::AccountChanged("a".to_owned()));
    // Nobody gets in with what was verified before the change, nor into a disabled account.
    let refused = [
        ("a", a.version, Refusal::AccountChanged("a".to_owned())),
        ("b", 4, Refusal::NoAccount("b".to_owned())),
    ];
    for (account, version, refusal) in refused {
        let session = NewSession {
            token: "late".to_owned(),
            csrf: "c".to_owned(),
            account: account.to_owned(),
            account_version: version,
            attempt: None,
            at: now(),
            expires_at: minutes_later(1),
        };
        assert_eq!(denied(store.session_begin(&session).await), refusal);
    }
    assert_eq!(changed.version, a.version + 1);
}
