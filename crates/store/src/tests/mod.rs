//! One table of cases, run over an SQLite file and over a real PostgreSQL server.
//!
//! A case gets a database of its own, fresh and migrated. Both tests run every case and then name
//! all that failed.

mod accounts;
mod audit;
mod case_lists;
mod cases;
mod counts;
mod figures;
mod plans;
mod plate_looks;
mod plate_plans;
mod plates;
mod postgres;
mod register;
mod runs;
mod samples;
mod sqlite_files;
mod town;
mod values;
mod violations;
mod watch;

use std::{future::Future, pin::Pin, sync::Arc};

use crate::Store;

type Case = (&'static str, fn(Arc<Store>) -> Run);
type Run = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What every database must do.
const CASES: &[Case] = &[
    ("register: changes and keeps", |s| Box::pin(register::changes_and_keeps(s))),
    ("register: all or nothing", |s| Box::pin(register::all_or_nothing(s))),
    ("register: scene versions stay", |s| Box::pin(register::scene_versions_stay(s))),
    ("runs: begin, fill, finish", |s| Box::pin(runs::begin_fill_finish(s))),
    ("runs: unknown scene", |s| Box::pin(runs::unknown_scene(s))),
    ("runs: taken over", |s| Box::pin(runs::taken_over(s))),
    ("runs: only the same work is taken over", |s| Box::pin(runs::only_the_same_work(s))),
    ("runs: over is over", |s| Box::pin(runs::over_is_over(s))),
    ("runs: begun twice at once", |s| Box::pin(runs::begun_twice_at_once(s))),
    ("runs: many rows", |s| Box::pin(runs::many_rows(s))),
    ("runs: a batch is all or nothing", |s| Box::pin(runs::batch_is_whole(s))),
    ("counts: unknown is not zero", |s| Box::pin(counts::unknown_is_not_zero(s))),
    ("counts: replaced", |s| Box::pin(counts::replaced(s))),
    ("counts: newest complete run speaks", |s| Box::pin(counts::newest_complete_speaks(s))),
    ("counts: sources add up", |s| Box::pin(counts::sources_add_up(s))),
    ("counts: overlapping sources", |s| Box::pin(counts::overlapping_sources(s))),
    ("violations: stored once", |s| Box::pin(violations::stored_once(s))),
    ("violations: chain cannot fork", |s| Box::pin(violations::chain_cannot_fork(s))),
    ("violations: concurrent writers", |s| Box::pin(violations::concurrent_writers(s))),
    ("violations: nothing by halves", |s| Box::pin(violations::nothing_by_halves(s))),
    ("violations: filters and pages", |s| Box::pin(violations::filters_and_pages(s))),
    ("violations: chains are not changed", |s| Box::pin(violations::chains_are_not_changed(s))),
    ("audit: every change is named", |s| Box::pin(audit::every_change_is_named(s))),
    ("audit: hash is as documented", |s| Box::pin(audit::hash_is_as_documented(s))),
    ("audit: concurrent writers", |s| Box::pin(audit::concurrent_writers(s))),
    ("plates: stored as given", |s| Box::pin(plates::stored_as_given(s))),
    ("plates: contradictions", |s| Box::pin(plates::contradictions_are_refused(s))),
    ("plates: found in the town", |s| Box::pin(plates::found_in_the_town(s))),
    ("plates: when, where, how sure", |s| Box::pin(plates::when_where_and_how_sure(s))),
    ("plates: found as by trying each", |s| Box::pin(plates::found_as_by_trying_each(s))),
    ("plates: broad patterns", |s| Box::pin(plates::broad_patterns_say_how_far(s))),
    ("plates: one run speaks", |s| Box::pin(plates::one_run_speaks(s))),
    ("plates: a way through the town", |s| Box::pin(plate_looks::a_way_through_the_town(s))),
    ("plates: violations are joined", |s| Box::pin(plate_looks::violations_are_joined(s))),
    ("plates: every look is written down", |s| {
        Box::pin(plate_looks::every_look_is_written_down(s))
    }),
    ("plates: removed by age", |s| Box::pin(plate_looks::removed_by_age(s))),
    ("plates: two writers", |s| Box::pin(plate_looks::two_writers(s))),
    ("plates: hostile patterns", |s| Box::pin(plate_looks::hostile_patterns(s))),
    ("watch: raised once", |s| Box::pin(watch::raised_once(s))),
    ("watch: ends when it must", |s| Box::pin(watch::ends_when_it_must(s))),
    ("watch: seen by the first", |s| Box::pin(watch::seen_by_the_first(s))),
    ("watch: two cameras, an officer", |s| Box::pin(watch::two_cameras_and_an_officer(s))),
    ("accounts: the first is made once", |s| Box::pin(accounts::the_first_is_made_once(s))),
    ("accounts: made, changed, kept", |s| Box::pin(accounts::made_changed_and_never_removed(s))),
    ("accounts: hostile ones", |s| Box::pin(accounts::hostile_accounts(s))),
    ("accounts: an administrator is left", |s| Box::pin(accounts::an_administrator_is_left(s))),
    ("accounts: guessing is locked", |s| Box::pin(accounts::guessing_is_locked(s))),
    ("accounts: sessions end", |s| Box::pin(accounts::sessions_end(s))),
    ("cases: the way of one", |s| Box::pin(cases::the_way_of_a_case(s))),
    ("cases: four eyes", |s| Box::pin(cases::four_eyes(s))),
    ("cases: every step, every state", |s| Box::pin(cases::every_step_from_every_state(s))),
    ("cases: two officers at once", |s| Box::pin(cases::two_officers_at_once(s))),
    ("cases: holds run out", |s| Box::pin(cases::holds_run_out(s))),
    ("cases: plates follow", |s| Box::pin(cases::plates_follow_until_somebody_decides(s))),
    ("cases: hostile decisions", |s| Box::pin(cases::hostile_decisions(s))),
    ("cases: nothing else changes", |s| Box::pin(cases::nothing_else_changes_hands(s))),
    ("cases: orders and pages", |s| Box::pin(case_lists::orders_and_pages(s))),
    ("cases: filters", |s| Box::pin(case_lists::filters(s))),
    ("cases: scope", |s| Box::pin(case_lists::outside_ones_units_nothing_is_there(s))),
    ("cases: groups", |s| Box::pin(case_lists::the_same_vehicle_is_grouped(s))),
    ("cases: unknown times", |s| Box::pin(case_lists::times_that_nobody_knows(s))),
    ("cases: quality", |s| Box::pin(case_lists::quality_is_measured(s))),
    ("cases: made for what is there", |s| Box::pin(case_lists::made_for_what_is_there(s))),
    ("figures: gaps are gaps", |s| Box::pin(figures::gaps_are_gaps(s))),
    ("figures: sources speak once", |s| Box::pin(figures::sources_speak_once(s))),
    ("figures: the peak hour", |s| Box::pin(figures::the_peak_is_a_whole_hour(s))),
    ("figures: cameras", |s| Box::pin(figures::cameras_tell_their_coverage(s))),
    ("figures: the auditor's list", |s| Box::pin(figures::the_auditor_finds(s))),
    ("figures: the register", |s| Box::pin(figures::the_register_is_imported_whole(s))),
    ("values: refused alike", |s| Box::pin(values::refused_alike(s))),
    ("values: unknown words are named", |s| Box::pin(values::unknown_words_are_named(s))),
    ("plans: indexes are used", |s| Box::pin(plans::indexes_are_used(s))),
    ("plans: plates are not walked", |s| Box::pin(plate_plans::nothing_is_walked(s))),
];

async fn run_case((name, case): &Case, store: Store) -> Option<&'static str> {
    let store = Arc::new(store);
    // A task of its own, so that a failed assertion does not end the other cases.
    let done = tokio::spawn(case(Arc::clone(&store))).await;
    if let Some(store) = Arc::into_inner(store) {
        store.close().await;
    }
    if done.is_err() {
        eprintln!("FAILED: {name}");
    }
    done.is_err().then_some(*name)
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_behaves() {
    let folder = tempfile::tempdir().unwrap();
    let mut failed = Vec::new();
    for (number, case) in CASES.iter().enumerate() {
        let path = folder.path().join(format!("{number}.db"));
        let store = Store::open(&format!("sqlite:{}", path.display())).await;
        failed.extend(run_case(case, store.unwrap()).await);
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_in_memory_behaves() {
    let mut failed = Vec::new();
    for case in CASES {
        let store = Store::open("sqlite::memory:").await.unwrap();
        failed.extend(run_case(case, store).await);
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_behaves() {
    let Some(server) = postgres::Server::start() else {
        return;
    };
    let mut failed = Vec::new();
    for (number, case) in CASES.iter().enumerate() {
        let url = server.create_database(&format!("case_{number}")).await;
        failed.extend(run_case(case, Store::open(&url).await.unwrap()).await);
    }
    assert!(failed.is_empty(), "{failed:#?}");
    postgres::refusals(&server).await;
}
