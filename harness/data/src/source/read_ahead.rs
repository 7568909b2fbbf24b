//! Reading on a thread of its own, one step ahead of those who work on what was read.

use std::ops::ControlFlow;
use std::panic::resume_unwind;
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;

/// Where the reading side puts an item; [`ControlFlow::Break`] says that nobody wants more.
pub(super) type Sink<'a, T> = dyn FnMut(T) -> ControlFlow<()> + 'a;

/// Hands everything that `produce` sends over to `consume`, in order. `produce` runs on another thread and is at most one
/// item ahead: it holds one, while `consume` works on the one before. It is told to stop when nobody listens any more. Where
/// no thread can be started it runs on the present one, and nothing is read ahead.
///
/// Gives what `produce` returns.
///
/// # Errors
/// What `consume` returns, which ends both.
pub(super) fn read_ahead<T: Send, P: Send, E>(
    produce: impl FnOnce(&mut Sink<'_, T>) -> P + Send,
    consume: impl FnMut(T) -> Result<(), E>,
) -> Result<P, E> {
    // Out of it takes `produce` whoever calls it: a thread that does not start would take it along.
    let produce = Mutex::new(Some(produce));
    let take = || produce.lock().unwrap_or_else(PoisonError::into_inner).take().expect("one call");
    thread::scope(|scope| {
        // Nothing is queued: an item goes from hand to hand.
        let (sender, receiver) = mpsc::sync_channel(0);
        let send_all = move || {
            take()(&mut |item| match sender.send(item) {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            })
        };
        let Ok(producer) = thread::Builder::new().spawn_scoped(scope, send_all) else {
            return hand_over(take(), consume);
        };
        // The receiver goes before the join, or a producer with one item left would wait forever.
        let consumed = receiver.into_iter().try_for_each(consume);
        let produced = producer.join().unwrap_or_else(|panic| resume_unwind(panic));
        consumed.map(|()| produced)
    })
}

/// As [`read_ahead`] does, on one thread.
fn hand_over<T, P, E>(
    produce: impl FnOnce(&mut Sink<'_, T>) -> P,
    mut consume: impl FnMut(T) -> Result<(), E>,
) -> Result<P, E> {
    let mut failure = None;
    let produced = produce(&mut |item| match consume(item) {
        Ok(()) => ControlFlow::Continue(()),
        Err(error) => {
            failure = Some(error);
            ControlFlow::Break(())
        }
    });
    failure.map_or(Ok(produced), Err)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn items_arrive_in_order_and_at_most_two_are_alive() {
        let alive = AtomicUsize::new(0);
        let mut seen = Vec::new();
        let produced = read_ahead(
            |send| {
                for item in 0..50 {
                    assert!(alive.fetch_add(1, Ordering::SeqCst) < 2, "one read, one worked on");
                    assert!(send(item).is_continue());
                }
                "all sent"
            },
            |item| {
                seen.push(item);
                thread::yield_now();
                alive.fetch_sub(1, Ordering::SeqCst);
                Ok::<(), ()>(())
            },
        );
        assert_eq!(produced, Ok("all sent"));
        assert_eq!(seen, (0..50).collect::<Vec<_>>());
    }

    #[test]
    fn the_next_item_is_made_while_one_is_worked_on() {
        let (made, is_made) = mpsc::channel();
        let waited = read_ahead(
            |send| {
                for item in 0..2 {
                    made.send(item).expect("the test listens");
                    let _ = send(item);
                }
            },
            |item| match item {
                // Fails unless item 1 is made before the work on item 0 is over.
                0 => [0, 1]
                    .map(|_| is_made.recv_timeout(std::time::Duration::from_secs(20)))
                    .into_iter()
                    .try_for_each(|made| made.map(drop)),
                _ => Ok(()),
            },
        );
        assert_eq!(waited, Ok(()));
    }

    #[test]
    fn a_failing_consumer_stops_the_producer() {
        let mut sent = 0;
        let result = read_ahead(
            |send| {
                while send(sent).is_continue() {
                    sent += 1;
                }
            },
            |item| if item == 3 { Err("enough") } else { Ok(()) },
        );
        assert_eq!(result, Err("enough"));
        assert!(sent <= 5, "{sent} were sent");
    }

    #[test]
    fn one_thread_hands_over_alike() {
        let numbers = |send: &mut Sink<'_, u8>| (0..50).find(|&n| send(n).is_break());
        let mut seen = Vec::new();
        let all = hand_over(numbers, |n| {
            seen.push(n);
            Ok::<(), ()>(())
        });
        assert_eq!((all, seen), (Ok(None), (0..50).collect()));
        let failing = |n| if n == 3 { Err("enough") } else { Ok(()) };
        assert_eq!(hand_over(numbers, failing), Err("enough"));
    }

    #[test]
    #[should_panic(expected = "damaged beyond words")]
    fn a_panic_of_the_producer_is_passed_on() {
        let produce = |_: &mut Sink<'_, ()>| panic!("damaged beyond words");
        let _: Result<(), ()> = read_ahead(produce, |()| Ok(()));
    }
}
