"""CodePipeline on this machine: a synthesized pipeline's stages and actions, run in their order."""
