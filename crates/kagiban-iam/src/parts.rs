//! What a request spends its time on, for those few requests that are traced.
//!
//! Whoever traces a request runs it within [`watched`]; the places that take long say so with [`part`], and the keys that it is
//! about are told with [`about`]. For all other requests each of these is one look at a variable of the thread. No time is known
//! here: the one who watches has a clock. What is told are names of the program and ARNs of keys, and never a secret.

use std::sync::Arc;

use kagiban_base::arn::KeyArn;

/// Takes down what a request does, and when.
pub trait Watch: Send + Sync {
    /// A part begins; what is returned names it.
    fn begin(&self, part: &'static str) -> usize;

    /// It has ended.
    fn end(&self, part: usize);

    /// The request is about this key.
    fn about(&self, key: &KeyArn);
}

tokio::task_local! {
    static WATCH: Arc<dyn Watch>;
}

/// Runs a request under a watch.
pub async fn watched<F: Future>(watch: Arc<dyn Watch>, request: F) -> F::Output {
    WATCH.scope(watch, request).await
}

/// A part of a request that may take long.
pub async fn part<F: Future>(name: &'static str, work: F) -> F::Output {
    let Ok(watch) = WATCH.try_with(Arc::clone) else { return work.await };
    let begun = watch.begin(name);
    let output = work.await;
    watch.end(begun);
    output
}

/// Says which key the request of this task is about.
pub fn about(key: &KeyArn) {
    // Without a watch there is nobody to tell.
    _ = WATCH.try_with(|watch| watch.about(key));
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[derive(Default)]
    struct Noted(Mutex<Vec<String>>);

    impl Watch for Noted {
        fn begin(&self, part: &'static str) -> usize {
            let mut noted = self.0.lock().unwrap();
            noted.push(format!("begin {part}"));
            noted.len() - 1
        }

        fn end(&self, part: usize) {
            self.0.lock().unwrap().push(format!("end {part}"));
        }

        fn about(&self, key: &KeyArn) {
            self.0.lock().unwrap().push(key.to_string());
        }
    }

    #[tokio::test]
    async fn a_watched_request_tells_its_parts_and_another_none() {
        let key = "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-4333-8444-555555555555";
        let request = async || {
            about(&key.parse().unwrap());
            part("outer", part("inner", async { 7 })).await
        };
        assert_eq!(request().await, 7);
        let noted = Arc::new(Noted::default());
        assert_eq!(watched(Arc::clone(&noted) as _, request()).await, 7);
        assert_eq!(*noted.0.lock().unwrap(), [key, "begin outer", "begin inner", "end 2", "end 1"]);
        assert_eq!(request().await, 7);
        assert_eq!(noted.0.lock().unwrap().len(), 5);
    }
}
