"""What all pages share: session, jobs, results, widgets and the map."""
