//! `giaolo scene`

use std::process::ExitCode;

use giaolo_pipeline::{PipelineError, read_scene};
use giaolo_scene::Scene;
use miette::Result;

use crate::args::{SceneArgs, SceneCommand};

pub fn run(args: &SceneArgs) -> Result<ExitCode> {
    match &args.command {
        SceneCommand::Schema => {
            println!("{}", Scene::json_schema().trim_end());
            Ok(ExitCode::SUCCESS)
        }
        SceneCommand::Check { files } => {
            let mut good = true;
            for file in files {
                match read_scene(file) {
                    Ok((scene, _)) => println!(
                        "{}: good; {} lines, {} zones, {} heads, {} movements, {} rules",
                        file.display(),
                        scene.lines.len(),
                        scene.zones.len(),
                        scene.heads.len(),
                        scene.movements.len(),
                        scene.rules.len()
                    ),
                    Err(error) => {
                        good = false;
                        tell(&error);
                    }
                }
            }
            Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
    }
}

/// Each mistake on a line of its own, in the form that editors jump to.
fn tell(error: &PipelineError) {
    let PipelineError::Scene { path, errors } = error else {
        eprintln!("{error}");
        return;
    };
    for mistake in errors.errors() {
        eprintln!(
            "{}:{}:{}: {}: {}",
            path.display(),
            mistake.line,
            mistake.column,
            mistake.key,
            mistake.message
        );
    }
    if errors.more() > 0 {
        eprintln!("{}: and {} more", path.display(), errors.more());
    }
}
