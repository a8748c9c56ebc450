#[test]
fn dbg() {
    let text = std::fs::read_to_string(std::env::var("F").unwrap()).unwrap();
    println!("{:?}", datakit_inject::document::split(&text));
    println!(
        "{:?}",
        datakit_inject::yaml::parse(&text).map(|p| p.tree.ids().count())
    );
    println!(
        "{:?}",
        datakit_inject::yaml::json::parse(&text).map(|p| p.ids().count())
    );
}
