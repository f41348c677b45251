//! Reads thousands of made-up plates as the product reads a vehicle, prints as Markdown how far its
//! scores can be trusted, and draws what it missed:
//! `cargo run --release -p giaolo-pipeline --example plate_misses -- FOLDER [PLATES]`.
//!
//! FOLDER gets `plates-wrong.png` and `plates-unread.png`. The same number of plates gives the same
//! table and pictures on the same machine. One thread for each core.

mod reading;
mod sheet;
mod staged;
mod table;

use std::{path::PathBuf, time::Instant};

use giaolo_domain::PlateVerdict;
use giaolo_pipeline::process_cpu;

use reading::{Eyes, Outcome};
use staged::Staged;

/// What went wrong, in words.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// 160 of each difficulty, in three minutes on two cores.
const PLATES: usize = 2080;
/// Exhibits of one sheet.
const SHOWN: usize = 21;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let Some(folder) = arguments.next().map(PathBuf::from) else {
        return Err("usage: plate_misses FOLDER [PLATES]".into());
    };
    let plates = arguments.next().map_or(Ok(PLATES), |count| count.parse())?;
    let began = Instant::now();
    let outcomes = read_all(plates)?;

    println!("{}", table::by_score(&outcomes));
    println!("{}", table::by_width(&outcomes));
    println!("{}", table::by_vehicle(&outcomes));
    println!("{}", table::by_digits(&outcomes));
    println!("{}", table::by_difficulty(&outcomes));
    let sure_wrong = outcomes.iter().filter(|o| o.is(PlateVerdict::Sure) && !o.right());
    for outcome in sure_wrong {
        println!("sure and wrong: {}", outcome.in_words());
    }
    let looks: u32 = outcomes.iter().map(|outcome| outcome.looks).sum();
    println!(
        "{plates} plates, {looks} looks, {:.0} s, {:.0} s of CPU with drawing",
        began.elapsed().as_secs_f64(),
        process_cpu().as_secs_f64()
    );

    std::fs::create_dir_all(&folder)?;
    let wrong = |o: &&Outcome| !o.reading.text.is_empty() && !o.right();
    let unread = |o: &&Outcome| o.reading.text.is_empty();
    let wrong: Vec<&Outcome> = spread(outcomes.iter().filter(wrong).collect());
    let unread: Vec<&Outcome> = spread(outcomes.iter().filter(unread).collect());
    for (name, shown) in [("plates-wrong.png", wrong), ("plates-unread.png", unread)] {
        sheet::save(&shown, &folder.join(name))?;
    }
    Ok(())
}

/// Reads that many plates, shared among the cores, in the order of their numbers.
fn read_all(plates: usize) -> Result<Vec<Outcome>, Failure> {
    let workers = std::thread::available_parallelism()?.get();
    let mut outcomes = std::thread::scope(|scope| {
        let read = |first: usize| {
            move || -> Result<Vec<Outcome>, Failure> {
                let mut eyes = Eyes::open()?;
                (first..plates).step_by(workers).map(|at| eyes.read(Staged::new(at))).collect()
            }
        };
        let started: Vec<_> = (0..workers).map(|first| scope.spawn(read(first))).collect();
        let mut outcomes = Vec::new();
        for worker in started {
            outcomes.extend(worker.join().map_err(|_| "a worker fell")??);
        }
        Ok::<_, Failure>(outcomes)
    })?;
    outcomes.sort_by_key(|outcome| outcome.staged.number);
    Ok(outcomes)
}

/// What is worth a look: sure ones first, then from each difficulty in turn the widest.
fn spread(mut missed: Vec<&Outcome>) -> Vec<&Outcome> {
    missed.sort_by(|a, b| b.staged.width_px.total_cmp(&a.staged.width_px));
    let mut turns = std::collections::BTreeMap::new();
    missed.sort_by_cached_key(|outcome| {
        let turn = turns.entry(outcome.staged.difficulty).or_insert(0_u32);
        *turn += 1;
        (!outcome.is(PlateVerdict::Sure), *turn, outcome.staged.difficulty)
    });
    missed.truncate(SHOWN);
    missed
}
