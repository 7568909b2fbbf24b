//! The update rules as PyTorch 2.11 has them, and Keras where a configuration says so.

use tch::Tensor;

use super::OptimizerConfig;

/// Update number `updates` (from 1) of one parameter; `slots` are those that
/// [`OptimizerConfig::slots`] names.
pub(super) fn update(
    config: OptimizerConfig,
    updates: u64,
    lr_factor: f64,
    value: &mut Tensor,
    gradient: Tensor,
    slots: &mut [Tensor],
) {
    let step = match (config, slots) {
        (OptimizerConfig::Adam { lr, beta1, beta2, eps, eps_hat }, [first, second]) => {
            let _ = first.lerp_(&gradient, 1.0 - beta1);
            decay_towards_square(second, &gradient, beta2);
            let correction1 = 1.0 - beta1.powi(updates as i32);
            let correction2 = (1.0 - beta2.powi(updates as i32)).sqrt();
            // All scalars are multiplied into the denominator: fewer passes over the moments.
            let lr = lr * lr_factor;
            if lr == 0.0 {
                return;
            }
            let scale = -correction1 / (lr * correction2);
            let mut denominator = second.sqrt();
            let _ = denominator.g_mul_scalar_(scale);
            let eps = if eps_hat { eps } else { eps * correction2 };
            let _ = denominator.g_add_scalar_(eps * scale);
            let _ = value.addcdiv_(first, &denominator);
            return;
        }
        (OptimizerConfig::Sgd { lr, weight_decay, .. }, []) => {
            (gradient + &*value * weight_decay) * (-lr * lr_factor)
        }
        (OptimizerConfig::Sgd { lr, momentum, nesterov, weight_decay }, [velocity]) => {
            let gradient = gradient + &*value * weight_decay;
            let _ = velocity.g_mul_scalar_(momentum);
            let _ = velocity.g_add_(&gradient);
            let direction =
                if nesterov { gradient + &*velocity * momentum } else { velocity.copy() };
            direction * (-lr * lr_factor)
        }
        (OptimizerConfig::RmsProp { lr, alpha, eps, .. }, [mean_square]) => {
            decay_towards_square(mean_square, &gradient, alpha);
            gradient / (mean_square.sqrt() + eps) * (-lr * lr_factor)
        }
        (OptimizerConfig::RmsProp { lr, alpha, eps, momentum }, [mean_square, velocity]) => {
            decay_towards_square(mean_square, &gradient, alpha);
            let _ = velocity.g_mul_scalar_(momentum);
            let _ = velocity.g_add_(&(gradient / (mean_square.sqrt() + eps)));
            &*velocity * (-lr * lr_factor)
        }
        (OptimizerConfig::Adadelta { lr, rho, eps }, [mean_square, mean_square_step]) => {
            decay_towards_square(mean_square, &gradient, rho);
            let root = |x: &Tensor| (x + eps).sqrt();
            let step = root(mean_square_step) / root(mean_square) * gradient;
            decay_towards_square(mean_square_step, &step, rho);
            step * (-lr * lr_factor)
        }
        (OptimizerConfig::Adagrad { lr, lr_decay, eps }, [sum]) => {
            let _ = sum.g_add_(&gradient.square());
            let lr = lr * lr_factor / (1.0 + (updates - 1) as f64 * lr_decay);
            gradient / (sum.sqrt() + eps) * -lr
        }
        (config, slots) => unreachable!("{config:?} keeps not {} slots", slots.len()),
    };
    let _ = value.g_add_(&step);
}

/// `mean = decay * mean + (1 - decay) * x^2`.
fn decay_towards_square(mean: &mut Tensor, x: &Tensor, decay: f64) {
    let _ = mean.lerp_(&x.square(), 1.0 - decay);
}
