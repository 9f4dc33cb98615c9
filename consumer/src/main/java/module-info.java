/** A user of Fovea who has modules. */
module dev.example.consumer {
  requires dev.fovea.train;
  requires dev.fovea.zoo;
}
