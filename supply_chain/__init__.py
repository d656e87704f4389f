"""What a commit brings along: secrets in its files, known vulnerabilities of its locks, the packages of its images."""
