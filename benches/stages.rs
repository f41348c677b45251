//! The table's cases under criterion, to follow one stage over time:
//! `cargo bench -p giaolo-benches --bench stages -- track`.

use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput};
use giaolo_benches::{Case, Failure, Work, cases, choose, clips};

fn main() -> Result<(), Failure> {
    let scratch = tempfile::tempdir()?;
    let clips = clips()?;
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(2))
        .sample_size(20)
        .configure_from_args();
    for case in cases(&choose(&clips)?, scratch.path())? {
        bench(&mut criterion, case);
    }
    criterion.final_summary();
    Ok(())
}

fn bench(criterion: &mut Criterion, case: Case) {
    let Case { stage, what, mut ours, bare, .. } = case;
    let mut group = criterion.benchmark_group(format!("{}: {what}", stage.1));
    group.throughput(Throughput::Elements(1));
    group.bench_function("ours", |bencher| bencher.iter_custom(|units| timed(&mut ours, units)));
    if let Some(mut bare) = bare {
        let name = format!("bare: {}", bare.what);
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|units| timed(&mut bare.work, units));
        });
    }
    group.finish();
}

/// Time for `units`; a turn of the work may do more of them than were asked for.
#[expect(clippy::panic, reason = "criterion offers no other way to end a bench that failed")]
fn timed(work: &mut Work, units: u64) -> Duration {
    let began = Instant::now();
    let mut done = 0;
    while done < units {
        match work() {
            Ok(more) if more > 0 => done += more,
            Ok(_) => panic!("the work did nothing"),
            Err(error) => panic!("{error}"),
        }
    }
    began.elapsed().mul_f64(units as f64 / done as f64)
}
