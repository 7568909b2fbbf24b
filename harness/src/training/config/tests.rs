use super::*;

fn config() -> RunConfig {
    let evaluation = r#"
        generated = 100
        reference = 100
        every = 10
        parameters.kid = { subsets = 5, subset_size = 50 }
    "#;
    RunConfig {
        name: "small".into(),
        variant: "dcgan".into(),
        dataset: "shapes".into(),
        image_size: 32,
        seed: 0,
        budget: "custom".into(),
        evaluation: toml::from_str(evaluation).unwrap(),
        recipe: (find_variant("dcgan").unwrap().recipe)(),
        inputs: Inputs::default(),
    }
}

fn changed(text: &str) -> Result<RunConfig, ConfigError> {
    config().with_overrides(&[text.to_owned()])
}

#[test]
fn overrides_reach_recipe_optimizer_and_evaluation() {
    assert_eq!(changed("batch_size=7").unwrap().recipe.batch_size, 7);
    assert_eq!(changed("gradient_penalty=2").unwrap().recipe.gradient_penalty, 2.0);
    assert_eq!(changed("evaluation.generated=9").unwrap().evaluation.generated(), 9);
    let lr = changed("generator_optimizer.lr=0.5").unwrap().recipe.generator_optimizer;
    assert!(format!("{lr:?}").contains("lr: 0.5"), "{lr:?}");
    let loss = changed("loss=wasserstein").unwrap().recipe.loss;
    assert_eq!(loss, bench_models::losses::Loss::Wasserstein);
}

#[test]
fn an_optimizer_is_replaced_whole_or_changed_in_part() {
    let sgd = r#"generator_optimizer={kind="sgd", lr=1, momentum=0, weight_decay=0}"#;
    let changed = self::changed(sgd).unwrap();
    let text = format!("{:?}", changed.recipe.generator_optimizer);
    assert!(text.starts_with("Sgd") && text.contains("lr: 1.0"), "{text}");
    assert_eq!(changed.recipe.discriminator_optimizer, config().recipe.discriminator_optimizer);
    let lr = self::changed("generator_optimizer={lr=0.5}").unwrap();
    assert_eq!(lr, self::changed("generator_optimizer.lr=0.5").unwrap());
    let message = self::changed("generator_optimizer=sgd").unwrap_err().to_string();
    assert!(message.contains("give a table"), "{message}");
    let unknown = r#"generator_optimizer={kind="sgdd", lr=1}"#;
    let message = self::changed(unknown).unwrap_err().to_string();
    assert!(message.contains("did you mean `sgd`"), "{message}");
}

#[test]
fn unknown_keys_are_refused_with_the_nearest() {
    let message = changed("batch_sise=7").unwrap_err().to_string();
    assert!(message.contains("did you mean `batch_size`"), "{message}");
    let message = changed("generator_optimizer.learning=7").unwrap_err().to_string();
    assert!(message.contains("unknown key"), "{message}");
    assert!(changed("batch_size=many").is_err());
    assert!(changed("batch_size=-1").is_err());
    assert!(changed("batch_size").is_err());
    assert!(changed("batch_size.x=1").is_err());
}

#[test]
fn the_text_reads_back_with_every_parameter() {
    let text = config().to_toml().unwrap();
    assert_eq!(toml::from_str::<RunConfig>(&text).unwrap(), config());
    assert!(text.contains("[evaluation.parameters.kid]") && text.contains("seed = 2020"), "{text}");
}

#[test]
fn the_experiment_is_all_that_decides_but_the_seed() {
    let of = |config: RunConfig| config.experiment().unwrap();
    let own = of(config());
    assert_eq!(own.len(), 64);
    for same in ["seed=7", "budget=quick"] {
        let (key, value) = same.split_once('=').unwrap();
        let mut other = config();
        match key {
            "seed" => other.seed = value.parse().unwrap(),
            _ => other.budget = value.into(),
        }
        other.name = "another".into();
        assert_eq!(of(other), own, "{same}");
    }
    for other in [
        "latent_dim=3",
        "evaluation.generated=9",
        "evaluation.protocol=torch-fidelity",
        "evaluation.parameters.kid.subsets=6",
        r#"evaluation.metrics=["prdc"]"#,
    ] {
        assert_ne!(of(changed(other).unwrap()), own, "{other}");
    }
    let inputs = |dataset: &str, sha256: &str| {
        let inputs = Inputs { dataset_sha256: sha256.into(), ..Inputs::default() };
        of(RunConfig { dataset: dataset.into(), inputs, ..config() })
    };
    assert_eq!(inputs("photos/", "ab"), inputs("/home/me/photos", "ab"));
    assert_ne!(inputs("photos/", "ab"), inputs("photos/", "cd"));
}

#[test]
fn parameters_are_set_below_their_metric_and_checked() {
    let kid = |text: &str| changed(text).unwrap().evaluation.plan.panel.parameters()["kid"].clone();
    assert_eq!(kid("evaluation.parameters.kid.subsets=7")["subsets"], 7);
    assert_eq!(kid("evaluation.parameters.kid={subsets=7}")["subset_size"], 50);
    let boots = changed("evaluation.parameters.fid.bootstrap=20").unwrap();
    assert_eq!(boots.evaluation.plan.panel.parameters()["fid"]["bootstrap"], 20);
    for (wrong, word) in [
        ("evaluation.parameters.kid.subset=7", "subsets, subset_size"),
        ("evaluation.parameters.kid.subsets=0", "kid.subsets is 0"),
        ("evaluation.parameters.kit.subsets=7", "kit"),
        ("evaluation.parameters.kid=7", "invalid type"),
        ("evaluation.parameters=7", "is 7"),
        ("evaluation.metrics=[]", "known are fid"),
        ("evaluation.protocol=clean", "pytorch-fid"),
    ] {
        let message = changed(wrong).unwrap_err().to_string();
        assert!(message.contains(word), "{wrong}: {message}");
    }
}

#[test]
fn departures_name_every_key_and_both_values() {
    let stated = config();
    let ours = changed("generator_optimizer.lr=0.5").unwrap();
    assert_eq!(ours.departures(&stated), ["generator_optimizer.lr 0.5 instead of 0.0002"]);
    let ours = changed(r#"evaluation.metrics=["fid"]"#).unwrap();
    assert_eq!(ours.departures(&stated), [""; 0], "fewer metrics change no other's value");
    let ours = changed("evaluation.parameters.kid.subsets=6").unwrap();
    assert_eq!(ours.departures(&stated), ["evaluation.parameters.kid.subsets 6 instead of 5"]);
}

#[test]
fn departures_name_both_values_of_counts_and_sizes() {
    let changed = RunConfig { image_size: 64, ..self::changed("batch_size=7").unwrap() };
    let changed = changed.with_overrides(&["evaluation.generated=90".to_owned()]).unwrap();
    assert_eq!(
        changed.departures(&config()),
        [
            "image_size 64 instead of 32",
            "batch_size 7 instead of 128",
            "evaluation.generated 90 instead of 100"
        ]
    );
    assert!(config().departures(&config()).is_empty());
}

#[test]
fn impossible_evaluations_are_refused() {
    assert!(config().check().is_ok());
    for text in ["evaluation.generated=1", "evaluation.every=0", "evaluation.reference=1"] {
        let message = changed(text).unwrap_err().to_string();
        assert!(message.contains(text.split('=').next().unwrap()), "{message}");
    }
}

/// The usual one leaves the configuration, and with it its hash, as they were before there was another.
#[test]
fn precision_is_part_of_the_experiment_where_it_is_not_the_usual_one() {
    let usual = config();
    assert!(!usual.to_toml().unwrap().contains("precision"));
    assert!(!usual.settings().unwrap().contains_key("recipe.precision"));
    assert_eq!(changed("precision=fp32").unwrap(), usual);
    let other = changed("precision=bf16").unwrap();
    assert_ne!(other.experiment().unwrap(), usual.experiment().unwrap());
    assert_eq!(other.settings().unwrap()["recipe.precision"], "bf16");
    assert_eq!(other.departures(&usual), ["precision bf16 instead of fp32"]);
    let read: RunConfig = toml::from_str(&other.to_toml().unwrap()).unwrap();
    assert_eq!(read, other);
    let message = changed("precision=fp16").unwrap_err().to_string();
    assert!(message.contains("fp16") && message.contains("bf16"), "{message}");
}
