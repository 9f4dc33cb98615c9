package dev.fovea.train;

/**
 * What a process spent on loading batches, since it began or resumed the run.
 *
 * @param waited seconds in which training had to wait for images
 * @param seconds of all steps, these included
 */
public record Loading(double waited, double seconds) {
  /** The share of the time in which training waited, from 0 to 1. */
  public double share() {
    return seconds > 0 ? waited / seconds : 0;
  }
}
