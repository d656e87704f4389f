"""A small Fargate, ALB, EFS and Aurora: a template's wishes (``plan``), tasks (``task``), what stands (``stand``)."""
